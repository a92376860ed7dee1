import { describe, expect, it } from 'vitest';
import type { EventType, IMessage, ITurn, ITurnEvent } from '../../api/types';
import { applyEvent, applyEvents } from '../events';
import * as model from '../model';
import { fromMessages, prepend, withOutcomes, withStored } from '../stored';

const usage = {
  input: 10,
  output: 5,
  cache_read: 0,
  cache_write: 0,
  requests: 1,
  cost: '0.01'
};

function event(
  index: number,
  type: EventType,
  data: Record<string, unknown> = {}
): ITurnEvent {
  return { index, type, data };
}

function turn(id: string, more: Partial<ITurn> = {}): ITurn {
  return {
    id,
    session_id: 'sess_1',
    status: 'running',
    usage: { ...usage, requests: 0 },
    steps: 0,
    message: 'Hello',
    created_at: '2026-01-01T00:00:00.000Z',
    ...more
  } as ITurn;
}

function message(
  id: string,
  role: IMessage['role'],
  text: string,
  more: Partial<IMessage> = {}
): IMessage {
  return {
    id,
    session_id: 'sess_1',
    seq: 0,
    role,
    parts: [{ type: 'text', text }],
    text,
    in_context: true,
    created_at: '2026-01-01T00:00:00.000Z',
    ...more
  } as IMessage;
}

function play(...events: ITurnEvent[]): model.IExchange {
  return events.reduce(
    (exchange, next) => applyEvent(exchange, next, 1000 + next.index),
    model.ofTurn(turn('turn_1'))
  );
}

describe('applyEvent', () => {
  it('joins deltas into one text and keeps thinking apart', () => {
    const exchange = play(
      event(0, 'turn_started', { provider: 'local', model: 'smol' }),
      event(1, 'thinking', { delta: 'hm' }),
      event(2, 'thinking', { delta: 'm' }),
      event(3, 'content', { delta: 'Good ' }),
      event(4, 'content', { delta: 'day' }),
      event(5, 'turn_finished', { stop_reason: 'completed', usage })
    );
    expect(exchange.blocks).toMatchObject([
      { kind: 'thinking', text: 'hmm', durationMs: 2 },
      { kind: 'text', text: 'Good day' }
    ]);
    expect(exchange).toMatchObject({
      state: 'finished',
      provider: 'local',
      model: 'smol',
      stopReason: 'completed',
      usage: { input: 10, cost: '0.01' }
    });
    expect(model.answerText(exchange)).toBe('Good day');
  });

  it('shows the model that answers, not the one that writes a report for it', () => {
    const chosen = { provider: 'acme', model: 'big', strategy: 'default' };
    const report = { provider: 'other', model: 'm', strategy: 'reflection' };
    const spare = {
      provider: 'other',
      model: 'small',
      strategy: 'fallback',
      fallback_from: { provider: 'acme', model: 'big' }
    };
    const begun = [
      event(0, 'turn_started', { provider: 'acme', model: 'big' }),
      event(1, 'model_selected', chosen),
      event(2, 'model_selected', report)
    ];
    expect(play(...begun)).toMatchObject({ provider: 'acme', model: 'big' });
    expect(play(...begun, event(3, 'model_selected', spare))).toMatchObject({
      provider: 'other',
      model: 'small'
    });
  });

  it('takes each index once and none before its time', () => {
    const one = play(event(0, 'content', { delta: 'a' }));
    expect(applyEvent(one, event(0, 'content', { delta: 'a' }), 0)).toBe(one);
    expect(applyEvent(one, event(2, 'content', { delta: 'c' }), 0)).toBe(one);
    const two = applyEvent(one, event(1, 'content', { delta: 'b' }), 0);
    expect(model.answerText(two)).toBe('ab');
  });

  it('follows a tool from call to result', () => {
    const call = { tool_call_id: 't1', name: 'read', args: { path: 'a.txt' } };
    const running = play(
      event(0, 'content', { delta: 'Let me look.' }),
      event(1, 'tool_call', call),
      event(2, 'tool_progress', { tool_call_id: 't1', fraction: 0.5 })
    );
    expect(running.blocks[1]).toMatchObject({
      kind: 'tool',
      name: 'read',
      state: 'running',
      progress: 0.5
    });
    const done = applyEvent(
      running,
      event(3, 'tool_result', {
        tool_call_id: 't1',
        content: 'gone',
        is_error: true,
        duration_ms: 12
      }),
      0
    );
    expect(done.blocks[1]).toMatchObject({
      name: 'read',
      args: { path: 'a.txt' },
      state: 'error',
      content: 'gone',
      durationMs: 12
    });
    const after = applyEvent(
      done,
      event(4, 'content', { delta: 'It is gone.' }),
      0
    );
    expect(after.blocks.map(block => block.kind)).toEqual([
      'text',
      'tool',
      'text'
    ]);
  });

  it('does not leave a tool running after the end', () => {
    const exchange = play(
      event(0, 'tool_call', { tool_call_id: 't1', name: 'wait' }),
      event(1, 'turn_finished', { stop_reason: 'interrupted' })
    );
    expect(exchange.blocks[0]).toMatchObject({ state: 'unknown' });
    expect(exchange.stopReason).toBe('interrupted');
  });

  it('shows own guidance once, where the model read it', () => {
    const before = {
      ...play(event(0, 'content', { delta: 'One' })),
      nextIndex: 1
    };
    const guided: model.IExchange = {
      ...before,
      blocks: [
        ...before.blocks,
        { kind: 'guidance', key: 'guid_1', text: 'shorter', state: 'queued' }
      ]
    };
    const after = applyEvent(
      guided,
      event(1, 'guidance', { id: 'guid_1', message: 'shorter' }),
      0
    );
    expect(after.blocks.filter(block => block.kind === 'guidance')).toEqual([
      { kind: 'guidance', key: 'guid_1', text: 'shorter', state: 'delivered' }
    ]);
  });

  it('keeps the error and says how the turn ended', () => {
    const exchange = play(
      event(0, 'error', {
        code: 'unauthorized',
        message: 'no',
        retryable: false
      }),
      event(1, 'turn_finished', { stop_reason: 'provider_error' })
    );
    expect(exchange).toMatchObject({
      state: 'finished',
      stopReason: 'provider_error',
      error: { code: 'unauthorized', message: 'no' }
    });
  });
});

describe('applyEvents', () => {
  const started = model.ofTurn(turn('turn_1'));
  const conversation: model.IConversation = {
    ...model.EMPTY,
    exchanges: [model.ofTurn(turn('turn_0')), started]
  };

  it('changes one exchange and leaves the others identical', () => {
    const after = applyEvents(
      conversation,
      'turn_1',
      [event(0, 'content', { delta: 'x' })],
      0
    );
    expect(after.exchanges[0]).toBe(conversation.exchanges[0]);
    expect(model.answerText(after.exchanges[1]!)).toBe('x');
  });

  it('is the same conversation after events it knows or of other turns', () => {
    const once = applyEvents(
      conversation,
      'turn_1',
      [event(0, 'content', { delta: 'x' })],
      0
    );
    expect(
      applyEvents(once, 'turn_1', [event(0, 'content', { delta: 'x' })], 0)
    ).toBe(once);
    expect(applyEvents(once, 'turn_9', [event(0, 'content')], 0)).toBe(once);
  });

  it('gives the same whether events come one by one, at once, or again', () => {
    const events = [
      event(0, 'turn_started', { model: 'm' }),
      event(1, 'thinking', { delta: 'a' }),
      event(2, 'content', { delta: 'b' }),
      event(3, 'tool_call', { tool_call_id: 't', name: 'n' }),
      event(4, 'tool_result', { tool_call_id: 't', content: 'r' }),
      event(5, 'content', { delta: 'c' }),
      event(6, 'turn_finished', { stop_reason: 'completed', usage })
    ];
    const atOnce = applyEvents(conversation, 'turn_1', events, 5);
    const repeated = [0, 1, 1, 0, 2, 3, 5, 4, 3, 5, 6, 6].reduce(
      (state, index) => applyEvents(state, 'turn_1', [events[index]!], 5),
      conversation
    );
    expect(repeated).toEqual(atOnce);
  });
});

describe('fromMessages', () => {
  const stored = [
    message('m1', 'user', 'Why?', { turn_id: 'turn_1' }),
    message('m2', 'assistant', 'Because.', {
      turn_id: 'turn_1',
      model: 'smol',
      usage,
      parts: [
        { type: 'thinking', text: 'hm', duration_ms: 20 },
        { type: 'tool_call', tool_call_id: 't', name: 'look' },
        {
          type: 'tool_result',
          tool_call_id: 't',
          content: 'seen',
          duration_ms: 3
        },
        { type: 'text', text: 'Because.' }
      ]
    }),
    message('m3', 'user', 'Really?', { turn_id: 'turn_2' })
  ];

  it('puts the messages of a turn together', () => {
    const [first, second] = fromMessages(stored);
    expect(first).toMatchObject({
      turnId: 'turn_1',
      text: 'Why?',
      model: 'smol'
    });
    expect(first!.blocks).toMatchObject([
      { kind: 'thinking', durationMs: 20 },
      { kind: 'tool', name: 'look', state: 'done', content: 'seen' },
      { kind: 'text', text: 'Because.' }
    ]);
    expect(second).toMatchObject({ turnId: 'turn_2', blocks: [] });
  });

  it('leaves a running turn to its events', () => {
    const [first] = fromMessages(stored.slice(0, 2), 'turn_1');
    expect(first).toMatchObject({ state: 'running', blocks: [], nextIndex: 0 });
  });

  it('shows the outcome of a turn that has no answer', () => {
    const [, second] = withOutcomes(fromMessages(stored), [
      turn('turn_2', {
        status: 'finished',
        stop_reason: 'provider_error',
        error: { code: 'cut', message: 'gone', retryable: true }
      })
    ]);
    expect(second).toMatchObject({
      stopReason: 'provider_error',
      error: { code: 'cut' }
    });
  });

  it('makes a turn that a page cut in two one again', () => {
    const shown = fromMessages(stored.slice(1));
    const whole = prepend(
      { ...model.EMPTY, exchanges: shown, earlier: 1 },
      fromMessages(stored.slice(0, 1)),
      0
    );
    expect(whole.exchanges).toHaveLength(2);
    expect(whole.exchanges[0]).toMatchObject({ text: 'Why?' });
    expect(whole.exchanges[0]!.blocks).toHaveLength(3);
    expect(whole.earlier).toBe(0);
  });
});

describe('withStored', () => {
  const versions = [
    { message_id: 'm1', session_id: 's1', created_at: '' },
    { message_id: 'm9', session_id: 's2', created_at: '' }
  ];
  const stored = [
    message('m1', 'user', 'Hello', { turn_id: 'turn_1', versions, version: 0 }),
    message('m2', 'assistant', 'Hi', { turn_id: 'turn_1' })
  ];

  it('gives what was sent its name and its versions, and leaves what is shown', () => {
    const before: model.IConversation = {
      ...model.EMPTY,
      exchanges: [
        play(event(0, 'turn_started'), event(1, 'content', { delta: 'Hi' }))
      ]
    };
    const after = withStored(before, stored);
    expect(after.exchanges[0]).toMatchObject({
      messageId: 'm1',
      messageIds: ['m1', 'm2'],
      versions,
      version: 0
    });
    expect(after.exchanges[0]!.blocks).toBe(before.exchanges[0]!.blocks);
    expect(withStored(after, stored)).toBe(after);
  });

  it('finds a copied message, of which no turn is known, by its name', () => {
    const copied = [
      message('m5', 'user', 'Hello'),
      message('m6', 'assistant', 'Hi')
    ];
    const before: model.IConversation = {
      ...model.EMPTY,
      exchanges: fromMessages(copied)
    };
    const now = [{ ...copied[0]!, versions, version: 1 }, copied[1]!];
    const after = withStored(before, now);
    expect(after.exchanges).toHaveLength(1);
    expect(after.exchanges[0]).toMatchObject({
      messageId: 'm5',
      version: 1,
      versions
    });
  });
});
