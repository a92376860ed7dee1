import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BUSY_MS, Commands } from '../commands';

describe('Commands', () => {
  let sent: { type: string; id: string }[];
  let commands: Commands<{ type: string }>;

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    let id = 0;
    commands = new Commands(
      command => sent.push(command),
      () => undefined,
      () => String(++id)
    );
  });

  afterEach(() => {
    commands.dispose();
    vi.useRealTimers();
  });

  it('tells what became of a command', async () => {
    const good = commands.run({ type: 'send' });
    const bad = commands.run({ type: 'stop' });
    commands.take({ type: 'ack', id: '1' });
    commands.take({ type: 'failed', id: '2', message: 'no' });
    commands.take({ type: 'done', id: '1', note: 'yes' });
    expect(await good).toEqual({ ok: true, message: 'yes' });
    expect(await bad).toEqual({ ok: false, message: 'no' });
    expect(commands.busy).toBe(false);
  });

  it('waits where the kernel does not take it, until it does', () => {
    void commands.run({ type: 'send' });
    expect(commands.waiting).toBe(false);
    vi.advanceTimersByTime(BUSY_MS);
    expect(commands.waiting).toBe(true);
    commands.take({ type: 'ack', id: '1' });
    expect(commands.waiting).toBe(false);
    expect(commands.busy).toBe(true);
  });

  it('does not wait for a command that was taken and takes long', () => {
    void commands.run({ type: 'send' });
    commands.take({ type: 'ack', id: '1' });
    vi.advanceTimersByTime(60_000);
    expect(commands.waiting).toBe(false);
  });

  it('leaves the commands of other views alone', () => {
    void commands.run({ type: 'send' });
    commands.take({ type: 'done', id: 'of-another', note: '' });
    expect(commands.busy).toBe(true);
    expect(sent).toEqual([{ type: 'send', id: '1' }]);
  });
});
