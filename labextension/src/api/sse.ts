import type { EventType, ITurnEvent } from './types';

/** One server-sent event as it came. */
export interface IServerEvent {
  id: string | null;
  event: string;
  data: string;
}

/**
 * Splits a byte stream into server-sent events, as the HTML standard says.
 *
 * @param onBytes - called for every chunk, comments included: the sign that the connection lives.
 */
export async function* parseEventStream(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => undefined
): AsyncGenerator<IServerEvent, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let buffer = '';
  let id: string | null = null;
  let event = '';
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        // An event without its closing blank line was cut off: it comes again after the reconnect.
        return;
      }
      onBytes();
      buffer += decoder.decode(value, { stream: true });
      let start = 0;
      for (;;) {
        const end = buffer.indexOf('\n', start);
        if (end < 0) {
          break;
        }
        const line = buffer.slice(start, end).replace(/\r$/, '');
        start = end + 1;
        if (line === '') {
          if (data.length > 0) {
            yield { id, event: event || 'message', data: data.join('\n') };
          }
          event = '';
          data = [];
          continue;
        }
        const colon = line.indexOf(':');
        if (colon === 0) {
          continue;
        }
        const field = colon < 0 ? line : line.slice(0, colon);
        const text = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (field === 'id') {
          id = text;
        } else if (field === 'event') {
          event = text;
        } else if (field === 'data') {
          data.push(text);
        }
      }
      buffer = buffer.slice(start);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** How a followed turn stands. `waiting` is between two tries. */
export type FollowState =
  'connecting' | 'live' | 'waiting' | 'ended' | 'failed' | 'stopped';

export interface IFollowOptions {
  /** Opens the stream after the event with this index; null from the first. Rejects where there is no network. */
  connect: (after: number | null, signal: AbortSignal) => Promise<Response>;
  /** Called once for every event, in order, without gaps or repeats. */
  onEvent: (event: ITurnEvent) => void;
  onState?: (state: FollowState, response?: Response) => void;
  /** Index of the first event wanted. */
  from?: number;
  /** Milliseconds without a byte (the server pings every 15 s) until the connection counts as dead. */
  silenceMs?: number;
  /** Milliseconds to wait before try number `attempt` (from 1). */
  backoff?: (attempt: number) => number;
}

const FINAL_STATUS = new Set([400, 401, 403, 404, 405, 410, 422]);

/** 0.25 s, doubled up to 8 s, with up to a quarter more so that many tabs do not come back at once. */
export function defaultBackoff(attempt: number): number {
  return (
    Math.min(8000, 250 * 2 ** Math.min(attempt - 1, 10)) *
    (1 + Math.random() / 4)
  );
}

/** Milliseconds until a server that is there has begun to answer. */
const ANSWER_MS = 12_000;

/**
 * Follows one turn's events until `turn_finished`, over any number of connections.
 *
 * The index of an event decides: one that was seen is dropped, one from the future means that something was lost, and
 * the stream is opened again from where we stand.
 */
export class TurnFollower {
  constructor(options: IFollowOptions) {
    this._options = options;
    this._next = options.from ?? 0;
  }

  /** Index of the next event wanted. */
  get next(): number {
    return this._next;
  }

  get state(): FollowState {
    return this._state;
  }

  /** Follows until the turn ended, it cannot be followed, or `stop` was called. */
  async run(): Promise<void> {
    const backoff = this._options.backoff ?? defaultBackoff;
    let attempt = 0;
    while (!this._stopped) {
      const before = this._next;
      const outcome = await this._connectOnce();
      if (outcome.done || this._stopped) {
        return;
      }
      attempt = this._next > before ? 1 : attempt + 1;
      const delay = Math.max(outcome.retryAfterMs, backoff(attempt));
      this._setState('waiting');
      await this._sleep(delay);
    }
  }

  /** Tries again now, for example because the browser is online again. */
  wake(): void {
    this._wakeUp?.();
  }

  stop(): void {
    this._stopped = true;
    this._abort?.abort();
    this._wakeUp?.();
    if (this._state !== 'ended' && this._state !== 'failed') {
      this._setState('stopped');
    }
  }

  private async _connectOnce(): Promise<{
    done: boolean;
    retryAfterMs: number;
  }> {
    const again = { done: false, retryAfterMs: 0 };
    const abort = new AbortController();
    this._abort = abort;
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const within = (ms: number) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => abort.abort(), ms);
    };
    const alive = () => within(this._options.silenceMs ?? 45_000);
    this._setState('connecting');
    try {
      within(this._options.silenceMs ?? ANSWER_MS);
      const response = await this._options.connect(
        this._next > 0 ? this._next - 1 : null,
        abort.signal
      );
      if (!response.ok || !response.body) {
        if (FINAL_STATUS.has(response.status)) {
          this._setState('failed', response);
          return { done: true, retryAfterMs: 0 };
        }
        const wait = Number(response.headers.get('Retry-After') ?? 0);
        return {
          done: false,
          retryAfterMs: Number.isFinite(wait) ? wait * 1000 : 0
        };
      }
      alive();
      this._setState('live');
      for await (const raw of parseEventStream(response.body, alive)) {
        if (this._stopped) {
          return { done: true, retryAfterMs: 0 };
        }
        const index = Number(raw.id);
        if (raw.id === null || !Number.isInteger(index) || index < this._next) {
          continue;
        }
        if (index > this._next) {
          return again;
        }
        const data = JSON.parse(raw.data) as Record<string, unknown>;
        this._next = index + 1;
        this._options.onEvent({ index, type: raw.event as EventType, data });
        if (raw.event === 'turn_finished') {
          this._setState('ended');
          return { done: true, retryAfterMs: 0 };
        }
      }
      return again;
    } catch {
      // No network, a connection that died, or a line that was no JSON: the log has it all, so ask again.
      return again;
    } finally {
      clearTimeout(watchdog);
      abort.abort();
    }
  }

  private _sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms);
      this._wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this._stopped) {
        this._wakeUp();
      }
    });
  }

  private _setState(state: FollowState, response?: Response): void {
    if (state !== this._state) {
      this._state = state;
      this._options.onState?.(state, response);
    }
  }

  private _abort: AbortController | null = null;
  private _next: number;
  private _options: IFollowOptions;
  private _state: FollowState = 'connecting';
  private _stopped = false;
  private _wakeUp: (() => void) | null = null;
}
