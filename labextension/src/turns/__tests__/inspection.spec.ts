import { Signal } from '@lumino/signaling';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/errors';
import type { ITopicEvent } from '../../api/socket';
import type { IAgentClient } from '../../tokens';
import { Inspection } from '../inspection';
import { readSaved } from '../saved';
import { readSubject, subjectKey } from '../subject';
import { snapshot, trace, turn } from './fixtures';

const encoder = new TextEncoder();

/** A stream of events that stays open until it is closed. */
function stream(): {
  response: Response;
  push: (index: number, type: string, data?: object) => void;
  close: () => void;
} {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start: given => {
      controller = given;
    }
  });
  return {
    response: new Response(body),
    push: (index, type, data = {}) =>
      controller.enqueue(
        encoder.encode(
          `id: ${index}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
        )
      ),
    close: () => controller.close()
  };
}

describe('Inspection', () => {
  const source = {};
  const event = new Signal<typeof source, ITopicEvent>(source);
  const client = {
    getTurn: vi.fn(),
    turnContext: vi.fn(),
    contextSnapshot: vi.fn(),
    turnTrace: vi.fn(),
    turnTools: vi.fn(),
    turnPolicy: vi.fn(),
    turnModelSelection: vi.fn(),
    turnTips: vi.fn(),
    turnEvents: vi.fn(),
    analyzeTurn: vi.fn()
  };
  let inspection: Inspection;

  beforeEach(() => {
    vi.resetAllMocks();
    Signal.disconnectAll(source);
    client.getTurn.mockResolvedValue(turn());
    client.turnContext.mockResolvedValue({ items: [snapshot()] });
    client.turnTrace.mockResolvedValue(trace());
    client.turnTools.mockResolvedValue({ tool_calls: [] });
    client.turnPolicy.mockResolvedValue({ decisions: [] });
    client.turnModelSelection.mockResolvedValue({ items: [] });
    client.turnTips.mockResolvedValue({ tips: [], analysis: null });
    inspection = new Inspection({
      client: client as unknown as IAgentClient,
      activity: { event: event as never },
      turnId: 'turn_1'
    });
  });

  it('reads every piece of a turn', async () => {
    await inspection.load();
    const { state } = inspection;
    expect(state.phase).toBe('ready');
    expect(state.contexts.value).toHaveLength(1);
    expect(state.advice.value).toEqual({ tips: [], analysis: null });
    expect(client.turnEvents).not.toHaveBeenCalled();
  });

  it('shows the others where one piece cannot be read, and reads that again', async () => {
    client.turnTrace.mockRejectedValueOnce(new Error('no trace'));
    await inspection.load();
    expect(inspection.state.trace).toEqual({
      value: null,
      problem: 'no trace'
    });
    expect(inspection.state.contexts.problem).toBeNull();
    await inspection.again('trace');
    expect(inspection.state.trace.problem).toBeNull();
  });

  it('says that a turn is gone', async () => {
    client.getTurn.mockRejectedValue(
      new ApiError(404, 'not_found', 'There is no such turn.')
    );
    await inspection.load();
    expect(inspection.state).toMatchObject({
      phase: 'failed',
      failure: { status: 404 }
    });
  });

  it('reads contents once, and again where that failed', async () => {
    client.contextSnapshot.mockRejectedValueOnce(new Error('no'));
    await expect(inspection.contents('req_1')).rejects.toThrow('no');
    client.contextSnapshot.mockResolvedValue(snapshot());
    await Promise.all([
      inspection.contents('req_1'),
      inspection.contents('req_1')
    ]);
    expect(client.contextSnapshot).toHaveBeenCalledTimes(2);
  });

  it('reads contents anew where the request was counted anew', async () => {
    await inspection.load();
    client.contextSnapshot.mockResolvedValue(snapshot());
    await inspection.contents('req_1');
    client.turnContext.mockResolvedValue({ items: [snapshot({ total: 700 })] });
    await inspection.again('contexts');
    await inspection.contents('req_1');
    expect(client.contextSnapshot).toHaveBeenCalledTimes(2);
  });

  it('follows a turn that runs, reading what an event has changed', async () => {
    const running = turn({
      status: 'running',
      stop_reason: null,
      finished_at: null,
      event_count: 2
    });
    client.getTurn.mockResolvedValue(running);
    const { response, push } = stream();
    client.turnEvents.mockResolvedValue(response);
    await inspection.load();
    await vi.waitFor(() => expect(client.turnEvents).toHaveBeenCalled());
    expect(client.turnEvents.mock.calls[0]![1]).toBe(1);
    const before = {
      trace: client.turnTrace.mock.calls.length,
      tips: client.turnTips.mock.calls.length
    };
    push(2, 'tool_call');
    push(3, 'content', { delta: 'x' });
    await vi.waitFor(() =>
      expect(client.turnTrace.mock.calls.length).toBe(before.trace + 1)
    );
    expect(client.turnTips.mock.calls.length).toBe(before.tips);
    client.getTurn.mockResolvedValue(turn());
    push(4, 'turn_finished');
    await vi.waitFor(() =>
      expect(inspection.state.turn?.status).toBe('finished')
    );
    await vi.waitFor(() =>
      expect(client.turnTips.mock.calls.length).toBe(before.tips + 1)
    );
    inspection.dispose();
  });

  it('reads which budget ended it, of the last event', async () => {
    client.getTurn.mockResolvedValue(
      turn({ stop_reason: 'budget', event_count: 9 })
    );
    const { response, push } = stream();
    client.turnEvents.mockResolvedValue(response);
    push(8, 'turn_finished', {
      budget: { scope: 'day', spent: '0.52', limit: '0.50' }
    });
    await inspection.load();
    await vi.waitFor(() =>
      expect(inspection.state.reached).toEqual({
        scope: 'day',
        spent: '0.52',
        limit: '0.50'
      })
    );
    expect(client.turnEvents.mock.calls[0]![1]).toBe(7);
  });

  it('shows what a model said', async () => {
    await inspection.load();
    client.analyzeTurn.mockResolvedValue({ text: 'Ask less.', tips: [] });
    await inspection.analyze(new AbortController().signal);
    expect(inspection.state.advice.value?.analysis?.text).toBe('Ask less.');
  });

  it('changes nothing after it was disposed', async () => {
    const loading = inspection.load();
    inspection.dispose();
    await loading;
    expect(inspection.state.phase).toBe('loading');
  });
});

describe('what was saved in a notebook', () => {
  it('is read, whatever is missing in it', () => {
    const state = readSaved({ version: 1, turn: turn() });
    expect(state?.turn?.id).toBe('turn_1');
    expect(state?.contexts.value).toEqual([]);
    expect(state?.trace.value).toBeNull();
    const full = readSaved({
      version: 1,
      turn: turn(),
      context: [snapshot({ items: undefined })],
      trace: trace(),
      tips: [],
      selections: { items: [] }
    });
    expect(full?.contexts.value?.[0]?.items).toEqual([]);
    expect(full?.trace.value?.turn_id).toBe('turn_1');
  });

  it('is refused where it is something else', () => {
    for (const data of [
      null,
      'x',
      [],
      {},
      { version: 2, turn: turn() },
      { version: 1, turn: {} }
    ]) {
      expect(readSaved(data)).toBeNull();
    }
  });
});

describe('what a tab shows', () => {
  it('survives a reload', () => {
    for (const subject of [
      { kind: 'turn', turnId: 't' },
      { kind: 'compare', first: 'a', second: 'b' },
      { kind: 'insights', sessionId: 's' }
    ] as const) {
      const kept: unknown = JSON.parse(JSON.stringify(subject));
      expect(readSubject(kept)).toEqual(subject);
      expect(subjectKey(readSubject(kept)!)).toBe(subjectKey(subject));
    }
    expect(readSubject(undefined)).toBeNull();
    expect(readSubject({ kind: 'turn' })).toBeNull();
    expect(readSubject({ kind: 'dance', turnId: 't' })).toBeNull();
  });
});
