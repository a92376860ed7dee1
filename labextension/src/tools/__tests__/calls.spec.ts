import { describe, expect, it } from 'vitest';
import type { EventType, IChange } from '../../api/types';
import {
  abandoned,
  blankCall,
  changesOf,
  editIdsOf,
  storedCall,
  withCallEvent,
  withStoredResult,
  type IToolBlock
} from '../calls';

function play(...events: [EventType, Record<string, unknown>][]): IToolBlock {
  return events.reduce(
    (call, [type, data], index) => withCallEvent(call, { index, type, data }),
    blankCall('c1')
  );
}

const change: IChange = {
  kind: 'cell',
  action: 'edit',
  path: 'a.ipynb',
  cell_id: 'x',
  title: 'cell 12',
  language: 'python',
  before: 'a',
  after: 'b',
  edit_id: null
};
const called: [EventType, Record<string, unknown>] = [
  'tool_call',
  { name: 'edit_cell', args: { cell_id: 'x', source: 'b' } }
];
const requested: [EventType, Record<string, unknown>] = [
  'approval_requested',
  {
    approval_id: 'appr_1',
    name: 'edit_cell',
    args: { cell_id: 'x', source: 'b' },
    shown: 'edit_cell(…)',
    reason: 'mode ask',
    asked_by: 'mode',
    capabilities: ['notebook_edit'],
    changes: [change],
    expires_at: '2026-01-01T00:00:10Z'
  }
];

describe('a call', () => {
  it('waits with what is asked, and goes on when it is allowed', () => {
    const waiting = play(called, requested);
    expect(waiting.state).toBe('waiting');
    expect(waiting.asked).toMatchObject({
      id: 'appr_1',
      shown: 'edit_cell(…)',
      status: 'pending',
      expiresAt: Date.parse('2026-01-01T00:00:10Z')
    });
    expect(changesOf(waiting)).toEqual([change]);
    const allowed = withCallEvent(waiting, {
      index: 2,
      type: 'approval_decided',
      data: {
        approval_id: 'appr_1',
        status: 'approved',
        remember: 'session',
        args: { cell_id: 'x', source: 'c' },
        decided_by: 'ann'
      }
    });
    expect(allowed.state).toBe('running');
    expect(allowed.args).toEqual({ cell_id: 'x', source: 'c' });
    expect(allowed.asked).toMatchObject({
      status: 'approved',
      remember: 'session',
      decidedBy: 'ann'
    });
    // What it would have changed is not what it changed.
    expect(changesOf(allowed)).toEqual([]);
  });

  it('keeps its arguments where nobody edited them', () => {
    const allowed = play(called, requested, [
      'approval_decided',
      { status: 'approved', args: null }
    ]);
    expect(allowed.args).toEqual({ cell_id: 'x', source: 'b' });
  });

  it.each(['denied', 'expired', 'cancelled'])(
    'that was %s has not failed',
    status => {
      const ended = play(
        called,
        requested,
        ['approval_decided', { status, message: 'No', decided_by: 'ann' }],
        ['tool_result', { content: 'The user denied it.', is_error: true }]
      );
      expect(ended.state).toBe('denied');
      expect(ended.asked?.message).toBe('No');
    }
  );

  it('that a rule forbids has not failed, either', () => {
    expect(
      play(called, [
        'tool_result',
        { content: 'No', is_error: true, metadata: { denied: 'policy' } }
      ]).state
    ).toBe('denied');
  });

  it('shows what it says while it runs, then what it gave', () => {
    const running = play(
      ['tool_call', { name: 'run_command', args: { command: 'ls' } }],
      ['tool_progress', { delta: 'a\n' }],
      ['tool_progress', { delta: 'b\n', fraction: 0.5 }]
    );
    expect(running).toMatchObject({ content: 'a\nb\n', progress: 0.5 });
    const done = withCallEvent(running, {
      index: 3,
      type: 'tool_result',
      data: {
        content: 'a',
        duration_ms: 12,
        images: [{ media_type: 'image/png', blob_id: 'blob_1' }],
        blob_id: 'blob_2',
        metadata: { exit_code: 1 }
      }
    });
    expect(done).toMatchObject({
      state: 'done',
      content: 'a',
      progress: null,
      durationMs: 12,
      blobId: 'blob_2',
      metadata: { exit_code: 1 }
    });
    expect(done.images).toHaveLength(1);
  });

  it('looks the same in the history', () => {
    const metadata = { changes: [{ ...change, edit_id: 'edit_1' }] };
    const live = play(called, [
      'tool_result',
      { content: 'done', is_error: false, duration_ms: 5, metadata }
    ]);
    const stored = withStoredResult(
      storedCall({
        type: 'tool_call',
        tool_call_id: 'c1',
        name: 'edit_cell',
        args: { cell_id: 'x', source: 'b' }
      }),
      {
        type: 'tool_result',
        tool_call_id: 'c1',
        content: 'done',
        duration_ms: 5,
        metadata
      }
    );
    expect(stored).toEqual(live);
    expect(editIdsOf(stored)).toEqual(['edit_1']);
  });

  it.each([
    ['approved', false, 'done'],
    ['denied', true, 'denied'],
    ['expired', true, 'denied']
  ] as const)(
    'that was %s says in the history who answered what',
    (status, isError, state) => {
      const answer = {
        status,
        decided_by: 'ann',
        message: status === 'denied' ? 'Not there' : null,
        remember: 'session'
      };
      const metadata = { approval: answer };
      const live = play(
        called,
        requested,
        ['approval_decided', answer],
        ['tool_result', { content: 'x', is_error: isError, metadata }]
      );
      const stored = withStoredResult(blankCall('c1'), {
        type: 'tool_result',
        tool_call_id: 'c1',
        name: 'edit_cell',
        content: 'x',
        is_error: isError,
        metadata
      });
      expect(stored.state).toBe(state);
      expect(live.state).toBe(state);
      const { message, decidedBy, remember } = live.asked!;
      expect(stored.asked).toMatchObject({
        status,
        message,
        decidedBy,
        remember
      });
    }
  );

  it('about which nobody was asked says nothing of an answer', () => {
    expect(play(called, ['tool_result', { content: 'x' }]).asked).toBeNull();
  });

  it('of a turn that ended waits no more', () => {
    const left = abandoned(play(called, requested));
    expect(left.state).toBe('unknown');
    expect(left.asked?.status).toBe('cancelled');
    const done = play(called, ['tool_result', { content: 'x' }]);
    expect(abandoned(done)).toBe(done);
  });

  it('that its client runs says so', () => {
    expect(play(called, ['client_tool_call', {}]).client).toBe(true);
  });
});
