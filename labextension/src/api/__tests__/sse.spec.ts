import { describe, expect, it } from 'vitest';
import { parseEventStream, TurnFollower, type FollowState } from '../sse';
import type { ITurnEvent } from '../types';

function streamOf(
  ...chunks: (string | Uint8Array | Error)[]
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  // Pulled one by one: an error forgets what is queued before it.
  return new ReadableStream(
    {
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk === undefined) {
          controller.close();
        } else if (chunk instanceof Error) {
          controller.error(chunk);
        } else {
          controller.enqueue(
            typeof chunk === 'string' ? encoder.encode(chunk) : chunk
          );
        }
      }
    },
    { highWaterMark: 0 }
  );
}

function line(index: number, type: string, data: unknown = {}): string {
  return `id: ${index}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Answers each connection with the next of these, and notes from where it was asked. */
function follow(...answers: (() => Response | Promise<Response>)[]) {
  const asked: (number | null)[] = [];
  const seen: ITurnEvent[] = [];
  const states: FollowState[] = [];
  const follower = new TurnFollower({
    connect: async after => {
      asked.push(after);
      const answer = answers.shift();
      if (!answer) {
        throw new Error('no more connections were expected');
      }
      return answer();
    },
    onEvent: event => seen.push(event),
    onState: state => states.push(state),
    backoff: () => 1,
    silenceMs: 60
  });
  return { follower, asked, seen, states };
}

const ok = (...chunks: (string | Error)[]) => new Response(streamOf(...chunks));

async function collect(body: ReadableStream<Uint8Array>) {
  const events = [];
  for await (const event of parseEventStream(body)) {
    events.push(event);
  }
  return events;
}

describe('parseEventStream', () => {
  it('reads events however the bytes are cut', async () => {
    const bytes = new TextEncoder().encode(
      ': ping\n\nid: 0\nevent: content\ndata: {"delta": "é€𝄞"}\n\n'
    );
    const single = Array.from(bytes, byte => new Uint8Array([byte]));
    expect(await collect(streamOf(...single))).toEqual([
      { id: '0', event: 'content', data: '{"delta": "é€𝄞"}' }
    ]);
  });

  it('joins data lines, takes CRLF, and leaves out an event that was cut off', async () => {
    expect(
      await collect(
        streamOf('data: a\r\ndata: b\r\n\r\n', 'id: 7\ndata: lost\n')
      )
    ).toEqual([{ id: null, event: 'message', data: 'a\nb' }]);
  });
});

describe('TurnFollower', () => {
  it('gives every event once and stops after turn_finished', async () => {
    const { follower, seen, asked, states } = follow(() =>
      ok(line(0, 'turn_started'), line(1, 'content'), line(2, 'turn_finished'))
    );
    await follower.run();
    expect(seen.map(event => event.index)).toEqual([0, 1, 2]);
    expect(asked).toEqual([null]);
    expect(states.at(-1)).toBe('ended');
  });

  it('goes on after the last event when the connection breaks', async () => {
    const { follower, seen, asked } = follow(
      () => ok(line(0, 'turn_started'), line(1, 'content'), new Error('reset')),
      () => Promise.reject(new Error('no network')),
      () => new Response('', { status: 503 }),
      () => ok(line(2, 'content'), line(3, 'turn_finished'))
    );
    await follower.run();
    expect(seen.map(event => event.index)).toEqual([0, 1, 2, 3]);
    expect(asked).toEqual([null, 1, 1, 1]);
  });

  it('drops what comes twice', async () => {
    const { follower, seen } = follow(
      () => ok(line(0, 'turn_started'), line(1, 'content')),
      () =>
        ok(
          line(0, 'turn_started'),
          line(1, 'content'),
          line(1, 'content'),
          line(2, 'turn_finished')
        )
    );
    await follower.run();
    expect(seen.map(event => event.index)).toEqual([0, 1, 2]);
  });

  it('asks again where an event is missing, and shows nothing out of order', async () => {
    const { follower, seen, asked } = follow(
      () => ok(line(0, 'turn_started'), line(2, 'content')),
      () => ok(line(1, 'content'), line(2, 'content'), line(3, 'turn_finished'))
    );
    await follower.run();
    expect(seen.map(event => event.index)).toEqual([0, 1, 2, 3]);
    expect(asked).toEqual([null, 0]);
  });

  it('takes a connection without a sign of life for dead', async () => {
    const silent = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(new TextEncoder().encode(line(0, 'content')));
          }
        })
      );
    const { follower, seen, asked } = follow(silent, () =>
      ok(line(1, 'turn_finished'))
    );
    // A body made here does not listen to the signal as a fetched one does.
    const connect = follower['_options'].connect;
    follower['_options'].connect = async (after, signal) => {
      const response = await connect(after, signal);
      const reader = response.body!.getReader();
      return new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            signal.addEventListener('abort', () => {
              controller.error(new Error('aborted'));
            });
          },
          async pull(controller) {
            const { done, value } = await reader.read();
            if (done) {
              controller.close();
            } else {
              controller.enqueue(value);
            }
          }
        })
      );
    };
    await follower.run();
    expect(seen.map(event => event.index)).toEqual([0, 1]);
    expect(asked).toEqual([null, 0]);
  });

  it('gives up where the server says that there is nothing to follow', async () => {
    const { follower, states, asked } = follow(
      () => new Response('{}', { status: 404 })
    );
    await follower.run();
    expect(states.at(-1)).toBe('failed');
    expect(asked).toHaveLength(1);
  });

  it('waits as long as Retry-After says', async () => {
    const { follower } = follow(
      () =>
        new Response('', { status: 429, headers: { 'Retry-After': '0.1' } }),
      () => ok(line(0, 'turn_finished'))
    );
    const began = performance.now();
    await follower.run();
    expect(performance.now() - began).toBeGreaterThan(95);
  });

  it('tries at once when it is woken, and never again when it is stopped', async () => {
    const { follower, asked, states } = follow(() =>
      Promise.reject(new Error('offline'))
    );
    follower['_options'].backoff = () => 1_000_000;
    const run = follower.run();
    await expect.poll(() => states.at(-1)).toBe('waiting');
    follower.wake();
    await expect.poll(() => asked.length).toBe(2);
    follower.stop();
    await run;
    expect(states.at(-1)).toBe('stopped');
  });
});
