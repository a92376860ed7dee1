import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IAgentActivity, IAgentClient } from '../../tokens';
import { AgentCosts } from '../service';

type Event = { topic: string; snapshot: boolean; data: object };

/** A server that counts how often it is asked. */
function stage() {
  const owner = {};
  const changed = new Signal<object, void>(owner);
  const event = new Signal<object, Event>(owner);
  const activity = { state: 'connecting', changed, event };
  const asked: ((value: object | Error) => void)[] = [];
  const client = {
    usageSummary: () =>
      new Promise((resolve, reject) =>
        asked.push(value =>
          value instanceof Error ? reject(value) : resolve(value)
        )
      )
  };
  const costs = new AgentCosts({
    activity: activity as unknown as IAgentActivity,
    client: client as unknown as IAgentClient,
    show: () => Promise.resolve(),
    settle: 100
  });
  const ends = (): void =>
    event.emit({
      topic: 'turns',
      snapshot: false,
      data: { turn: { id: 't', status: 'finished' } }
    });
  return { activity, asked, changed, costs, ends, event };
}

describe('the numbers of today', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('document', { hidden: false });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('are asked for once however many turns end together', async () => {
    const { activity, asked, costs, ends } = stage();
    activity.state = 'idle';
    ends();
    await vi.advanceTimersByTimeAsync(1000);
    // Nobody wants to see them.
    expect(asked).toHaveLength(0);
    const watching = costs.watch();
    ends();
    ends();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(1);
    asked[0]!({ today: {} });
    await vi.advanceTimersByTimeAsync(0);
    expect(costs.summary).toEqual({ today: {} });
    watching.dispose();
    ends();
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(asked).toHaveLength(1);
  });

  it('wait for the connection, and are asked for when it is back', async () => {
    const { activity, asked, changed, costs, event } = stage();
    costs.watch();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(0);
    activity.state = 'idle';
    event.emit({ topic: 'turns', snapshot: true, data: { items: [] } });
    await vi.advanceTimersByTimeAsync(1000);
    asked[0]!(new Error('gone'));
    await vi.advanceTimersByTimeAsync(0);
    expect(costs.problem).toBeInstanceOf(Error);
    activity.state = 'offline';
    changed.emit();
    activity.state = 'idle';
    changed.emit();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(2);
    asked[1]!({ today: {} });
    await vi.advanceTimersByTimeAsync(0);
    expect(costs.problem).toBeNull();
  });

  it('are asked for again where something ended while they were on their way', async () => {
    const { activity, asked, costs } = stage();
    activity.state = 'idle';
    void costs.refresh();
    const again = costs.refresh();
    void costs.refresh();
    expect(asked).toHaveLength(1);
    asked[0]!({ today: 1 });
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveLength(2);
    asked[1]!({ today: 2 });
    await again;
    expect(costs.summary).toEqual({ today: 2 });
  });

  it('are not those of yesterday', async () => {
    const { activity, asked, costs } = stage();
    activity.state = 'idle';
    costs.watch();
    await vi.advanceTimersByTimeAsync(1000);
    asked[0]!({ today: 1 });
    await vi.advanceTimersByTimeAsync(20 * 60_000);
    expect(asked).toHaveLength(2);
  });
});
