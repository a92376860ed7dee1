/** One turn, read piece by piece: each piece may fail without the others. While the turn runs it follows it. */
import { Signal, type ISignal } from '@lumino/signaling';
import { ApiError } from '../api/errors';
import type { ITopicEvent } from '../api/socket';
import type { TurnFollower } from '../api/sse';
import type {
  EventType,
  IContextSnapshot,
  IModelSelection,
  IPolicyDecision,
  ITip,
  IAnalysis,
  IToolCallRecord,
  ITrace,
  ITurn
} from '../api/types';
import type { IAgentActivity, IAgentClient } from '../tokens';
import { messageOf } from '../ui/words';
import type { IReached } from './words';

/** A piece of the page. Null values are not known yet. */
export interface IPiece<T> {
  value: T | null;
  /** What went wrong when it was read last; what is known from before is still shown. */
  problem: string | null;
}

export interface ICalls {
  calls: readonly IToolCallRecord[];
  decisions: readonly IPolicyDecision[];
}

export interface IAdvice {
  tips: readonly ITip[];
  analysis: IAnalysis | null;
}

export interface IInspected {
  phase: 'loading' | 'ready' | 'failed';
  /** Why it cannot be shown at all. */
  failure: { status: number; message: string } | null;
  turn: ITurn | null;
  /** The budget that ended it; null where none did, or as long as it is not known. */
  reached: IReached | null;
  contexts: IPiece<readonly IContextSnapshot[]>;
  trace: IPiece<ITrace>;
  calls: IPiece<ICalls>;
  selections: IPiece<readonly IModelSelection[]>;
  advice: IPiece<IAdvice>;
}

type Pieces = Omit<IInspected, 'phase' | 'failure' | 'turn' | 'reached'>;
export type PieceName = keyof Pieces;

const UNKNOWN: IPiece<never> = { value: null, problem: null };
const BLANK: IInspected = {
  phase: 'loading',
  failure: null,
  turn: null,
  reached: null,
  contexts: UNKNOWN,
  trace: UNKNOWN,
  calls: UNKNOWN,
  selections: UNKNOWN,
  advice: UNKNOWN
};

/** Which pieces an event changes. */
const CHANGES: Partial<Record<EventType, readonly PieceName[]>> = {
  turn_started: ['trace'],
  context: ['contexts', 'trace'],
  model_selected: ['selections', 'trace'],
  compaction: ['contexts', 'trace'],
  usage: ['contexts', 'trace'],
  tool_call: ['calls', 'trace'],
  client_tool_call: ['calls', 'trace'],
  approval_requested: ['calls', 'trace'],
  approval_decided: ['calls', 'trace'],
  tool_result: ['calls', 'trace'],
  error: ['contexts', 'selections', 'trace'],
  turn_finished: ['contexts', 'trace', 'calls', 'selections', 'advice']
};

/** Milliseconds in which several events are answered by one reading. */
const TOGETHER = 250;

/** What the page is drawn from: a turn of the server, or one that was saved in a notebook. */
export interface ITurnSource {
  readonly state: IInspected;
  readonly changed: ISignal<unknown, void>;
  /** Null where the contents are not at hand. */
  readonly contents: ((requestId: string) => Promise<IContextSnapshot>) | null;
  /** Reads one piece again; null where there is nothing to read from. */
  readonly again: ((piece: PieceName) => Promise<void>) | null;
  /** Reads everything again; null where there is nothing to read from. */
  readonly reload: (() => Promise<void>) | null;
  /** Asks a model about the turn; null where that cannot be done. */
  readonly analyze: ((signal: AbortSignal) => Promise<void>) | null;
}

export class Inspection implements ITurnSource {
  constructor(options: {
    client: IAgentClient;
    activity: Pick<IAgentActivity, 'event'>;
    turnId: string;
  }) {
    this._client = options.client;
    this.turnId = options.turnId;
    options.activity.event.connect((_, event) => this._told(event), this);
  }

  readonly turnId: string;

  get state(): IInspected {
    return this._state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Reads everything; also again, where something went wrong. */
  async load(): Promise<void> {
    if (this._state.phase === 'failed') {
      this._set({ phase: 'loading', failure: null });
    }
    try {
      const turn = await this._client.getTurn(this.turnId);
      if (this._disposed) {
        return;
      }
      this._set({ turn, phase: 'ready' });
      void this._reach(turn);
      if (turn.status !== 'finished') {
        this._follow(turn.event_count);
      }
    } catch (error) {
      if (!this._disposed) {
        this._set(
          this._state.turn
            ? {}
            : {
                phase: 'failed',
                failure: {
                  status: error instanceof ApiError ? error.status : 0,
                  message: messageOf(error)
                }
              }
        );
      }
      return;
    }
    await this._read(['contexts', 'trace', 'calls', 'selections', 'advice']);
  }

  readonly reload = (): Promise<void> => this.load();

  /** Reads one piece again. */
  readonly again = (piece: PieceName): Promise<void> => this._read([piece]);

  /**
   * A request with what was sent in it.
   *
   * @throws ApiError; UnreachableError.
   */
  readonly contents = (requestId: string): Promise<IContextSnapshot> => {
    let reading = this._contents.get(requestId);
    if (!reading) {
      reading = this._client.contextSnapshot(this.turnId, requestId);
      this._contents.set(requestId, reading);
      reading.catch(() => this._contents.delete(requestId));
    }
    return reading;
  };

  /** Asks a model about the turn. Rejects as the client does. */
  readonly analyze = async (signal: AbortSignal): Promise<void> => {
    const analysis = await this._client.analyzeTurn(this.turnId, signal);
    if (!this._disposed) {
      const tips = this._state.advice.value?.tips ?? analysis.tips;
      this._set({ advice: { value: { tips, analysis }, problem: null } });
    }
  };

  dispose(): void {
    this._disposed = true;
    clearTimeout(this._timer);
    this._follower?.stop();
    Signal.clearData(this);
  }

  private async _read(pieces: readonly PieceName[]): Promise<void> {
    await Promise.all(pieces.map(piece => this._readPiece(piece)));
  }

  private async _readPiece(piece: PieceName): Promise<void> {
    const turn = (this._readings[piece] ?? 0) + 1;
    this._readings[piece] = turn;
    let read: Partial<Pieces>;
    try {
      read = await this._fetch(piece);
    } catch (error) {
      const problem = messageOf(error);
      read = { [piece]: { value: this._state[piece].value, problem } };
    }
    // An answer that comes after a later one is an old one.
    if (!this._disposed && this._readings[piece] === turn) {
      this._set(read);
    }
  }

  private async _fetch(piece: PieceName): Promise<Partial<Pieces>> {
    const { _client: client, turnId } = this;
    switch (piece) {
      case 'contexts': {
        const { items } = await client.turnContext(turnId);
        const before = this._state.contexts.value ?? [];
        for (const one of items) {
          // A request that has its answer since is counted anew.
          const old = before.find(({ id }) => id === one.id);
          if (old && JSON.stringify(old) !== JSON.stringify(one)) {
            this._contents.delete(one.id);
          }
        }
        return { contexts: { value: items, problem: null } };
      }
      case 'trace':
        return {
          trace: { value: await client.turnTrace(turnId), problem: null }
        };
      case 'calls': {
        const [{ tool_calls: calls }, { decisions }] = await Promise.all([
          client.turnTools(turnId),
          client.turnPolicy(turnId)
        ]);
        return { calls: { value: { calls, decisions }, problem: null } };
      }
      case 'selections': {
        const { items } = await client.turnModelSelection(turnId);
        return { selections: { value: items, problem: null } };
      }
      case 'advice': {
        const { tips, analysis } = await client.turnTips(turnId);
        return { advice: { value: { tips, analysis }, problem: null } };
      }
    }
  }

  /** Which budget ended it, where one did. */
  private async _reach(turn: ITurn): Promise<void> {
    if (turn.stop_reason !== 'budget' || this._state.reached) {
      return;
    }
    try {
      const { reachedBy } = await import('./reached');
      const reached = await reachedBy(this._client, turn);
      if (!this._disposed) {
        this._set({ reached });
      }
    } catch (error) {
      // That it was a budget is said all the same.
      console.warn('jupyterlab-agent: a budget cannot be read', error);
    }
  }

  /** Follows the running turn from this event on. */
  private _follow(from: number): void {
    if (this._follower) {
      return;
    }
    void import('../api/sse').then(({ TurnFollower }) => {
      if (this._disposed || this._follower) {
        return;
      }
      this._follower = new TurnFollower({
        connect: (after, signal) =>
          this._client.turnEvents(this.turnId, after, signal),
        onEvent: ({ type }) => this._happened(type),
        from
      });
      void this._follower.run();
    });
  }

  private _happened(type: EventType): void {
    for (const piece of CHANGES[type] ?? []) {
      this._due.add(piece);
    }
    if (this._due.size === 0) {
      return;
    }
    this._timer ??= setTimeout(() => {
      this._timer = undefined;
      const due = [...this._due];
      this._due.clear();
      void this._client
        .getTurn(this.turnId)
        .then(turn => {
          if (!this._disposed) {
            this._set({ turn });
            void this._reach(turn);
          }
        })
        .catch((error: unknown) =>
          console.warn('jupyterlab-agent: a turn cannot be read', error)
        );
      void this._read(due);
    }, TOGETHER);
  }

  private _told({ topic, snapshot, data }: ITopicEvent): void {
    if (topic !== 'turns') {
      return;
    }
    if (snapshot && this._state.phase !== 'loading') {
      // The connection is new: it may have gone on, or may be there again.
      void this.load();
      return;
    }
    const turn = data.turn as ITurn | undefined;
    if (turn?.id === this.turnId && !this._follower) {
      void this.load();
    }
  }

  private _set(change: Partial<IInspected>): void {
    this._state = { ...this._state, ...change };
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _client: IAgentClient;
  private _contents = new Map<string, Promise<IContextSnapshot>>();
  private _disposed = false;
  private _due = new Set<PieceName>();
  private _follower: TurnFollower | null = null;
  private _readings: Partial<Record<PieceName, number>> = {};
  private _state: IInspected = BLANK;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
