import { Signal } from '@lumino/signaling';
import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/errors';
import type { ITopicEvent } from '../../api/socket';
import type { IApproval } from '../../api/types';
import type { IAgentActivity, IAgentClient } from '../../tokens';
import { AgentTools } from '../service';

function approval(id: string, more: Partial<IApproval> = {}): IApproval {
  return {
    id,
    status: 'pending',
    created_at: `2026-01-01T00:00:0${id}Z`,
    ...more
  } as IApproval;
}

function setUp(client: Partial<IAgentClient> = {}) {
  const owner = {};
  const event = new Signal<object, ITopicEvent>(owner);
  const tools = new AgentTools({
    client: client as IAgentClient,
    activity: { event } as unknown as IAgentActivity
  });
  const changed = vi.fn();
  tools.approvalsChanged.connect(changed);
  const tell = (data: Record<string, unknown>, snapshot = false) =>
    event.emit({ topic: 'approvals', snapshot, data });
  const ids = () => tools.approvals.map(one => one.id);
  return { tools, changed, tell, ids, event };
}

describe('what waits', () => {
  it('follows the server, whoever answers', () => {
    const { tell, ids, changed } = setUp();
    tell({ items: [approval('2')] }, true);
    tell({ type: 'approval_requested', approval: approval('1') });
    // Told twice it waits once.
    tell({ type: 'approval_requested', approval: approval('1') });
    expect(ids()).toEqual(['1', '2']);
    tell({
      type: 'approval_decided',
      approval: approval('2', { status: 'denied' })
    });
    expect(ids()).toEqual(['1']);
    const calls = changed.mock.calls.length;
    tell({
      type: 'approval_decided',
      approval: approval('9', { status: 'approved' })
    });
    expect(changed).toHaveBeenCalledTimes(calls);
    tell({ items: [] }, true);
    expect(ids()).toEqual([]);
  });

  it('goes when it is answered here, and stays when the answer is not taken', async () => {
    const { tools, tell, ids } = setUp({
      approve: vi
        .fn()
        .mockRejectedValueOnce(new ApiError(503, 'unavailable', 'later'))
        .mockResolvedValueOnce(approval('1', { status: 'approved' }))
    });
    tell({ items: [approval('1')] }, true);
    await expect(tools.approve('1')).rejects.toThrow('later');
    expect(ids()).toEqual(['1']);
    await tools.approve('1', { remember: 'session' });
    expect(ids()).toEqual([]);
  });

  it('says no without words where there are none', async () => {
    const deny = vi.fn(() =>
      Promise.resolve(approval('1', { status: 'denied' }))
    );
    const { tools } = setUp({ deny });
    await tools.deny('1', { message: '' });
    expect(deny).toHaveBeenCalledWith('1', { message: null, stop: false });
  });
});

describe('checkpoints', () => {
  it('are told to whoever listens', () => {
    const { tools, event } = setUp();
    const moved = vi.fn();
    tools.checkpointChanged.connect(moved);
    event.emit({
      topic: 'turns',
      snapshot: false,
      data: {
        type: 'checkpoint',
        turn_id: 't',
        session_id: 's',
        state: 'undone'
      }
    });
    expect(moved).toHaveBeenCalledWith(tools, {
      turnId: 't',
      sessionId: 's',
      state: 'undone'
    });
  });

  it('of a turn that changed nothing are none', async () => {
    const { tools } = setUp({
      getCheckpoint: vi
        .fn()
        .mockRejectedValue(new ApiError(404, 'not_found', 'none'))
    });
    expect(await tools.checkpoint('t')).toBeNull();
  });
});
