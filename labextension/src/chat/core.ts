/** What the parts of the chat's controller share: its state, this tab's memory, and the patience with a server. */
import { Signal, type ISignal } from '@lumino/signaling';
import type { AgentClient } from '../api/client';
import { ApiError, UnreachableError } from '../api/errors';
import { defaultBackoff } from '../api/sse';
import type {
  IInfo,
  IModel,
  InputPart,
  Mode,
  IProvider,
  ISession,
  IStatus
} from '../api/types';
import type { IDrafts } from './draft';
import * as model from './model';

/** A message that may or may not have arrived. */
export interface IPending {
  sessionId: string | null;
  text: string;
  parts?: InputPart[];
  key: string;
  provider: string | null;
  model: string | null;
  mode?: Mode | null;
}

/** What is kept in this browser tab over a reload. */
export interface ITabMemory {
  sessionId?: string | null;
  /** What is written and not sent, by conversation. */
  drafts?: IDrafts;
  pending?: IPending | null;
  /** What the agent may do in a chat that does not exist yet. */
  mode?: Mode | null;
}

export interface ITabStore {
  load(): ITabMemory;
  save(memory: ITabMemory): void;
}

/** `reconnecting`: the server does not answer; it is tried again by itself. */
export type Connection = 'online' | 'reconnecting';

export interface IChoice {
  provider: string;
  model: string;
}

export interface IUndoable {
  kind: 'deleted' | 'archived';
  session: ISession;
  /** It was the open one. */
  wasOpen: boolean;
}

export interface IChatState {
  phase: 'loading' | 'ready' | 'failed';
  failure: { status: number; message: string } | null;
  info: IInfo | null;
  status: IStatus | null;
  models: readonly IModel[];
  providers: readonly IProvider[];
  choice: IChoice | null;
  /** What the agent may do in the open chat without asking; null until it is known. */
  mode: Mode | null;
  conversation: model.IConversation;
  /** The conversation that the open one was branched from. */
  origin: ISession | null;
  /** A message that is to be shown, by its id. */
  wanted: string | null;
  opening: boolean;
  loadingEarlier: boolean;
  connection: Connection;
  undoable: IUndoable | null;
  /** Something that went wrong beside the conversation. */
  problem: string | null;
  /** Grows whenever the list of sessions may have changed. */
  sessionsVersion: number;
}

export interface ICoreOptions {
  client: AgentClient;
  store: ITabStore;
  /** Calls back when it is time to draw. */
  schedule?: (callback: () => void) => void;
  now?: () => number;
  backoff?: (attempt: number) => number;
}

export class ChatCore {
  constructor(options: ICoreOptions) {
    this.client = options.client;
    this.schedule = options.schedule ?? scheduleFrame;
    this.now = options.now ?? Date.now;
    this.backoff = options.backoff ?? defaultBackoff;
    this._store = options.store;
    this._memory = options.store.load();
  }

  readonly client: AgentClient;
  readonly schedule: (callback: () => void) => void;
  readonly now: () => number;
  readonly backoff: (attempt: number) => number;

  /** Grows when another conversation is opened; what belongs to an older visit is dropped. */
  visit = 0;

  get state(): IChatState {
    return this._state;
  }

  get stateChanged(): ISignal<unknown, IChatState> {
    return this._stateChanged;
  }

  get memory(): ITabMemory {
    return this._memory;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    this.wakeUp();
    Signal.clearData(this);
  }

  set(change: Partial<IChatState>): void {
    if (this._disposed) {
      return;
    }
    this._state = { ...this._state, ...change };
    this._stateChanged.emit(this._state);
  }

  remember(change: Partial<ITabMemory>): void {
    this._memory = { ...this._memory, ...change };
    this._store.save(this._memory);
  }

  exchange(
    is: (exchange: model.IExchange) => boolean
  ): model.IExchange | undefined {
    return this._state.conversation.exchanges.find(is);
  }

  change(
    key: string,
    change: (exchange: model.IExchange) => model.IExchange
  ): void {
    this.set({
      conversation: model.changeExchange(this._state.conversation, key, change)
    });
  }

  add(exchange: model.IExchange): void {
    const { conversation } = this._state;
    this.set({
      conversation: {
        ...conversation,
        exchanges: [...conversation.exchanges, exchange]
      }
    });
  }

  drop(key: string): void {
    const { conversation } = this._state;
    this.set({
      conversation: {
        ...conversation,
        exchanges: conversation.exchanges.filter(other => other.key !== key)
      }
    });
  }

  /** A session as it is now: the open conversation and the list have it so. */
  withSession(session: ISession): void {
    const { conversation } = this._state;
    this.set({
      sessionsVersion: this._state.sessionsVersion + 1,
      ...(conversation.session?.id === session.id
        ? { conversation: { ...conversation, session } }
        : {})
    });
  }

  listMoved(): void {
    this.set({ sessionsVersion: this._state.sessionsVersion + 1 });
  }

  /** Shows that something went wrong beside the conversation. */
  report(error: unknown): void {
    this.set({
      problem: error instanceof Error ? error.message : String(error)
    });
  }

  /** Runs something that the user asked for; a failure is shown. Gives whether it went well. */
  async attempt(action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      this.report(error);
      return false;
    }
  }

  /** Runs something in the background that is only nice to have; the next one may succeed. */
  async quietly(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      console.warn('jupyterlab-agent:', error);
    }
  }

  /** Calls until it is answered: no answer and "not now" are tried again, a refusal is not. */
  async persist<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await call();
        this.set({ connection: 'online' });
        return result;
      } catch (error) {
        const gone = error instanceof UnreachableError;
        const busy =
          error instanceof ApiError &&
          [429, 502, 503, 504].includes(error.status);
        if (this._disposed || !(gone || busy)) {
          throw error;
        }
        if (gone) {
          this.set({ connection: 'reconnecting' });
        }
        const retryAfter = error instanceof ApiError ? error.retryAfterMs : 0;
        await this.pause(Math.max(this.backoff(attempt), retryAfter));
      }
    }
  }

  /** Resolves after this time, or when it is worth trying again. */
  pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer);
        this._pauses.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this._pauses.add(done);
    });
  }

  /** Ends all pauses. */
  wakeUp(): void {
    for (const done of [...this._pauses]) {
      done();
    }
  }

  private _disposed = false;
  private _memory: ITabMemory;
  private _pauses = new Set<() => void>();
  private _state: IChatState = {
    phase: 'loading',
    failure: null,
    info: null,
    status: null,
    models: [],
    providers: [],
    choice: null,
    mode: null,
    conversation: model.EMPTY,
    origin: null,
    wanted: null,
    opening: false,
    loadingEarlier: false,
    connection: 'online',
    undoable: null,
    problem: null,
    sessionsVersion: 0
  };
  private _stateChanged = new Signal<this, IChatState>(this);
  private _store: ITabStore;
}

/** The next frame, or soon where the tab is hidden and no frame comes. */
function scheduleFrame(callback: () => void): void {
  if (document.hidden) {
    setTimeout(callback, 200);
  } else {
    requestAnimationFrame(callback);
  }
}
