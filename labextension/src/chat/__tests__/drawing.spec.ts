import { describe, expect, it, vi } from 'vitest';
import { DrawQueue } from '../drawing';

describe('DrawQueue', () => {
  it('draws what was asked for last first, and lets the page have its turn', async () => {
    let time = 0;
    const breathe = vi.fn(() => Promise.resolve());
    const queue = new DrawQueue({ now: () => time, breathe });
    const drawn: number[] = [];
    for (let at = 0; at < 6; at++) {
      queue.add(() => {
        drawn.push(at);
        time += 5;
        return Promise.resolve();
      });
    }
    await expect.poll(() => drawn).toEqual([5, 4, 3, 2, 1, 0]);
    await expect.poll(() => breathe.mock.calls.length).toBe(2);
  });

  it('does not draw what was taken back', async () => {
    const queue = new DrawQueue();
    const drawn: string[] = [];
    const back = queue.add(() => Promise.resolve(void drawn.push('gone')));
    queue.add(() => Promise.resolve(void drawn.push('there')));
    back();
    await expect.poll(() => drawn).toEqual(['there']);
  });

  it('goes on after one that fails and past one that is slow', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const queue = new DrawQueue();
    const drawn: string[] = [];
    queue.add(() => Promise.resolve(void drawn.push('last')));
    queue.add(() => new Promise(() => {}));
    queue.add(() => Promise.reject(new Error('broken')));
    await expect.poll(() => drawn).toEqual(['last']);
    expect(error).toHaveBeenCalledOnce();
    error.mockRestore();
  });
});
