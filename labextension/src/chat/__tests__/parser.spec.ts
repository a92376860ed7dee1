import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parserLoaded } from '../parser';

function withParser(render: () => Promise<string>): IRenderMimeRegistry {
  return { markdownParser: { render } } as unknown as IRenderMimeRegistry;
}

describe('parserLoaded', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('loads once', async () => {
    const render = vi.fn(() => Promise.resolve(''));
    const rendermime = withParser(render);
    await parserLoaded(rendermime);
    await parserLoaded(rendermime);
    expect(render).toHaveBeenCalledTimes(1);
  });

  it('says that it could not be loaded, and does not try what can only hang', async () => {
    const render = vi.fn(() => Promise.reject(new Error('no network')));
    const rendermime = withParser(render);
    await expect(parserLoaded(rendermime)).rejects.toThrow('no network');
    await expect(parserLoaded(rendermime)).rejects.toThrow('no network');
    expect(render).toHaveBeenCalledTimes(1);
  });

  it('does not wait for ever, and takes it when it comes late', async () => {
    let come: (html: string) => void = () => undefined;
    const rendermime = withParser(
      () => new Promise(resolve => (come = resolve))
    );
    const first = expect(parserLoaded(rendermime)).rejects.toThrow(
      'did not load'
    );
    await vi.advanceTimersByTimeAsync(10_000);
    await first;
    await expect(parserLoaded(rendermime)).rejects.toThrow('did not load');
    come('');
    await vi.advanceTimersByTimeAsync(0);
    await expect(parserLoaded(rendermime)).resolves.toBeUndefined();
  });

  it('needs none where there is none', async () => {
    await expect(
      parserLoaded({ markdownParser: null } as unknown as IRenderMimeRegistry)
    ).resolves.toBeUndefined();
  });
});
