import { UUID } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';
import type { AgentClient } from '../api/client';
import { ApiError, readError, UnreachableError } from '../api/errors';
import type { ITopicEvent } from '../api/socket';
import { TurnFollower, defaultBackoff } from '../api/sse';
import type {
  IInfo,
  IModel,
  InputPart,
  IProvider,
  ISession,
  IStatus,
  ITurn,
  ITurnEvent
} from '../api/types';
import { DraftModel, type IDrafts } from './draft';
import * as model from './model';

/** What is kept in this browser tab over a reload. */
export interface ITabMemory {
  sessionId?: string | null;
  /** What is written and not sent, by conversation. */
  drafts?: IDrafts;
  /** A message that may or may not have arrived. */
  pending?: {
    sessionId: string | null;
    text: string;
    parts?: InputPart[];
    key: string;
    provider: string | null;
    model: string | null;
  } | null;
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
}

export interface IChatState {
  phase: 'loading' | 'ready' | 'failed';
  failure: { status: number; message: string } | null;
  info: IInfo | null;
  status: IStatus | null;
  models: readonly IModel[];
  providers: readonly IProvider[];
  choice: IChoice | null;
  conversation: model.IConversation;
  opening: boolean;
  loadingEarlier: boolean;
  connection: Connection;
  undoable: IUndoable | null;
  /** Something that went wrong beside the conversation. */
  problem: string | null;
  /** Grows whenever the list of sessions may have changed. */
  sessionsVersion: number;
}

const PAGE = 100;
const UNDO_MS = 6000;
/** Characters of what is attached to a message that are kept over a reload until it has arrived. */
const MAX_PENDING = 500_000;

/**
 * One chat: talks with the server, keeps the conversation, survives cuts and reloads. Knows nothing of the screen.
 */
export class ChatController {
  constructor(options: {
    client: AgentClient;
    store: ITabStore;
    /** Calls back when it is time to draw. */
    schedule?: (callback: () => void) => void;
    now?: () => number;
    backoff?: (attempt: number) => number;
  }) {
    this.client = options.client;
    this._store = options.store;
    this._memory = options.store.load();
    this._schedule = options.schedule ?? scheduleFrame;
    this._now = options.now ?? Date.now;
    this._backoff = options.backoff ?? defaultBackoff;
    this.draft = new DraftModel({
      kept: this._memory.drafts,
      save: drafts => this._remember({ drafts })
    });
    this.draft.open(this._memory.sessionId ?? null);
    this._state = {
      phase: 'loading',
      failure: null,
      info: null,
      status: null,
      models: [],
      providers: [],
      choice: null,
      conversation: model.EMPTY,
      opening: false,
      loadingEarlier: false,
      connection: 'online',
      undoable: null,
      problem: null,
      sessionsVersion: 0
    };
  }

  readonly client: AgentClient;

  /** What is being written. */
  readonly draft: DraftModel;

  get state(): IChatState {
    return this._state;
  }

  get stateChanged(): ISignal<this, IChatState> {
    return this._stateChanged;
  }

  /** A turn came to its end: with whom it ended and how. */
  get turnFinished(): ISignal<this, model.IExchange> {
    return this._turnFinished;
  }

  get running(): model.IExchange | null {
    return model.current(this._state.conversation);
  }

  /**
   * Loads what the panel needs, and the conversation that was open. Goes on trying while the server does not answer.
   *
   * @param sessionId - the conversation that was open when this tab knows of none.
   */
  async start(sessionId: string | null = null): Promise<void> {
    this._set({ phase: 'loading', failure: null });
    for (let attempt = 1; !this._disposed; attempt++) {
      try {
        const info = await this.client.info();
        this._set({ info, phase: 'ready', connection: 'online' });
        break;
      } catch (error) {
        if (error instanceof ApiError && error.status < 500) {
          this._set({
            phase: 'failed',
            failure: { status: error.status, message: error.message }
          });
          return;
        }
        this._set({ connection: 'reconnecting' });
        await this._pause(this._backoff(attempt));
      }
    }
    void this.refreshModels();
    void this.refreshStatus();
    const pending = this._memory.pending;
    const wanted =
      pending?.sessionId ??
      (pending ? null : (this._memory.sessionId ?? sessionId));
    if (wanted) {
      await this.openSession(wanted, true);
    }
    if (pending) {
      this._resend(pending);
    }
  }

  async refreshModels(): Promise<void> {
    await this._quietly(async () => {
      const [models, providers] = await Promise.all([
        this.client.listModels(),
        this.client.listProviders()
      ]);
      this._set({ models, providers, choice: this._chosen(models) });
    });
  }

  async refreshStatus(): Promise<void> {
    await this._quietly(async () => {
      this._set({ status: await this.client.status() });
    });
  }

  dismissProblem(): void {
    this._set({ problem: null });
  }

  /** Chooses the model of what is sent from now on; the conversation keeps it. */
  async choose(choice: IChoice): Promise<void> {
    this._set({ choice });
    const session = this._state.conversation.session;
    if (session) {
      await this._attempt(async () => {
        this._withSession(await this.client.patchSession(session.id, choice));
      });
    }
  }

  /** An empty conversation; it exists on the server with its first message. */
  newSession(): void {
    this._leave();
    this._remember({ sessionId: null, pending: null });
    this.draft.open(null);
    this._set({
      conversation: model.EMPTY,
      opening: false,
      choice: this._chosen(this._state.models, null)
    });
  }

  /**
   * Opens a conversation and follows what runs in it.
   *
   * @param quiet - a conversation that is gone is no problem: an empty one is shown.
   */
  async openSession(sessionId: string, quiet = false): Promise<void> {
    this._leave();
    const visit = this._visit;
    // What was typed before the first one was there goes with it.
    if (quiet) {
      this.draft.adopt(sessionId);
    } else {
      this.draft.open(sessionId);
    }
    this._set({ opening: true, conversation: model.EMPTY });
    for (let attempt = 1; visit === this._visit && !this._disposed; attempt++) {
      try {
        const loaded = await this._load(sessionId);
        if (visit !== this._visit) {
          return;
        }
        this._remember({ sessionId });
        this._set({
          opening: false,
          connection: 'online',
          conversation: loaded,
          choice: this._chosen(this._state.models, loaded.session)
        });
        const running = this.running;
        if (running?.turnId) {
          this._follow(running.turnId);
        }
        return;
      } catch (error) {
        if (visit !== this._visit) {
          return;
        }
        if (error instanceof ApiError && error.status < 500) {
          this._remember({ sessionId: null });
          this.draft.adopt(null);
          this._set({
            opening: false,
            problem: quiet ? null : error.message
          });
          return;
        }
        this._set({ connection: 'reconnecting' });
        await this._pause(this._backoff(attempt));
      }
    }
  }

  /** Loads the messages before the first one that is shown. */
  async loadEarlier(): Promise<void> {
    const { conversation, loadingEarlier } = this._state;
    if (!conversation.session || !conversation.earlier || loadingEarlier) {
      return;
    }
    const visit = this._visit;
    const offset = Math.max(0, conversation.earlier - PAGE);
    const limit = conversation.earlier - offset;
    const sessionId = conversation.session.id;
    this._set({ loadingEarlier: true });
    await this._attempt(async () => {
      const page = await this.client.listMessages(sessionId, { offset, limit });
      if (visit === this._visit) {
        this._set({
          conversation: model.prepend(
            this._state.conversation,
            model.fromMessages(page.items),
            offset
          )
        });
      }
    });
    this._set({ loadingEarlier: false });
  }

  /**
   * Sends a message; while a turn runs, it is guidance for that turn, which takes text alone.
   *
   * @returns whether it is on its way. Where another one is not known to have arrived yet, this one waits in the box.
   */
  send(text: string, parts: InputPart[] = []): boolean {
    const message = text.trim();
    if (!message && parts.length === 0) {
      return false;
    }
    const running = this.running;
    if (running?.turnId && running.state === 'running' && parts.length === 0) {
      void this._guide(running.key, running.turnId, message);
      return true;
    }
    if (running) {
      this.draft.giveBack(message);
      return false;
    }
    const choice = this._state.choice;
    this._deliver(message, parts, {
      sessionId: this._state.conversation.session?.id ?? null,
      text: message,
      key: UUID.uuid4(),
      provider: choice?.provider ?? null,
      model: choice?.model ?? null
    });
    return true;
  }

  /** Sends again what could not be sent. */
  resend(exchange: model.IExchange): void {
    if (exchange.state === 'unsent') {
      this._set({
        conversation: {
          ...this._state.conversation,
          exchanges: this._state.conversation.exchanges.filter(
            other => other.key !== exchange.key
          )
        }
      });
      this.send(exchange.text, exchange.parts);
    }
  }

  /** Takes a message that could not be sent back into the box. */
  discard(exchange: model.IExchange): void {
    this._set({
      conversation: {
        ...this._state.conversation,
        exchanges: this._state.conversation.exchanges.filter(
          other => other.key !== exchange.key
        )
      }
    });
    this.draft.giveBack(exchange.text);
  }

  /** Stops the running turn. What it said stays. */
  async stop(): Promise<void> {
    const running = this.running;
    if (!running?.turnId) {
      return;
    }
    const turnId = running.turnId;
    this._change(running.key, exchange => ({ ...exchange, stopping: true }));
    const done = await this._attempt(async () => {
      await this.client.interruptTurn(turnId).catch((error: unknown) => {
        // It ended by itself in between.
        if (!(error instanceof ApiError && error.status === 409)) {
          throw error;
        }
      });
    });
    if (!done) {
      this._change(running.key, exchange => ({ ...exchange, stopping: false }));
    }
  }

  /** Runs a turn's message again, with the model chosen now. */
  async retry(exchange: model.IExchange): Promise<void> {
    if (!exchange.turnId || this.running) {
      return;
    }
    const turnId = exchange.turnId;
    const choice = this._state.choice;
    const key = UUID.uuid4();
    await this._attempt(async () => {
      const turn = await this._persist(() =>
        this.client.retryTurn(
          turnId,
          { provider: choice?.provider, model: choice?.model },
          key
        )
      );
      await this._show(turn);
    });
  }

  async rename(session: ISession, title: string): Promise<void> {
    await this._attempt(async () => {
      const renamed = await this.client.patchSession(session.id, {
        title: title.trim()
      });
      this._withSession(renamed);
    });
  }

  async archive(session: ISession, archived: boolean): Promise<void> {
    await this._attempt(async () => {
      const changed = await this.client.patchSession(session.id, { archived });
      this._withSession(changed);
      if (archived) {
        await this._settleUndo();
        this._offerUndo({ kind: 'archived', session: changed });
      }
    });
  }

  /** Deletes a conversation for good, a few seconds from now: until then it can be undone. */
  async remove(session: ISession): Promise<void> {
    await this._settleUndo();
    if (this._state.conversation.session?.id === session.id) {
      this.newSession();
    }
    this._offerUndo({ kind: 'deleted', session });
  }

  async undo(): Promise<void> {
    const undoable = this._state.undoable;
    clearTimeout(this._undoTimer);
    this._set({
      undoable: null,
      sessionsVersion: this._state.sessionsVersion + 1
    });
    if (undoable?.kind === 'archived') {
      await this.archive(undoable.session, false);
    } else if (undoable) {
      await this.openSession(undoable.session.id);
    }
  }

  /** Something happened on the server: another tab, a notebook or the model itself may have done it. */
  moved(event: ITopicEvent): void {
    if (event.topic === 'sessions') {
      this._listMoved();
      const session = event.data.session as ISession | undefined;
      const { conversation } = this._state;
      if (session && session.id === conversation.session?.id) {
        this._set({ conversation: { ...conversation, session } });
      }
      return;
    }
    const data = event.data;
    const turns = event.snapshot
      ? ((data.items ?? []) as ITurn[])
      : [(data.turn ?? data) as ITurn];
    for (const turn of turns) {
      if (turn.status === 'running' || turn.status === 'queued') {
        void this._joined(turn);
      }
    }
  }

  /** Tries now what waits for the network. */
  wake(): void {
    this._follower?.wake();
    this._wakeUp();
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    void this._settleUndo();
    this._disposed = true;
    this._leave();
    Signal.clearData(this);
  }

  /** A turn runs; where it is one of this conversation that another client started, it is followed here too. */
  private async _joined(turn: ITurn): Promise<void> {
    const { conversation, opening } = this._state;
    const known = conversation.exchanges.some(
      exchange => exchange.turnId === turn.id || exchange.state === 'sending'
    );
    if (!known && !opening && turn.session_id === conversation.session?.id) {
      await this._quietly(async () => {
        await this._show(await this.client.getTurn(turn.id));
      });
    }
  }

  /** The list of sessions is read again, soon: many things may move at once. */
  private _listMoved(): void {
    this._listTimer ??= setTimeout(() => {
      this._listTimer = undefined;
      this._set({ sessionsVersion: this._state.sessionsVersion + 1 });
    }, 300);
  }

  private async _load(sessionId: string): Promise<model.IConversation> {
    const session = await this.client.getSession(sessionId);
    const page = await this.client.listMessages(sessionId, {
      order: 'desc',
      limit: PAGE
    });
    page.items.reverse();
    const turnIds = new Set(
      page.items.map(message => message.turn_id).filter(id => id !== null)
    );
    const turns = await this.client.listTurns(sessionId, {
      offset: Math.max(0, session.turn_count - turnIds.size - 1),
      limit: turnIds.size + 2
    });
    const runningTurn = turns.items.find(turn => turn.status !== 'finished');
    const running = runningTurn?.id ?? session.running_turn_id ?? null;
    let exchanges = model.withOutcomes(
      model.fromMessages(page.items, running),
      turns.items
    );
    if (running && !exchanges.some(exchange => exchange.turnId === running)) {
      exchanges = [
        ...exchanges,
        model.ofTurn(runningTurn ?? (await this.client.getTurn(running)))
      ];
    }
    return {
      session: { ...session, running_turn_id: running },
      exchanges,
      tasks: [],
      earlier: page.total - page.items.length
    };
  }

  private _resend(pending: NonNullable<ITabMemory['pending']>): void {
    // Had it arrived before the reload, the same key gives the turn it started then.
    this._deliver(pending.text, pending.parts ?? [], pending);
  }

  private _deliver(
    text: string,
    parts: InputPart[],
    pending: NonNullable<ITabMemory['pending']>
  ): void {
    const exchange = model.outgoing(text, parts, pending.key, this._now());
    const { conversation } = this._state;
    this._set({
      problem: null,
      conversation: {
        ...conversation,
        exchanges: [...conversation.exchanges, exchange]
      }
    });
    // What is too much to keep here is not kept at all: without it the message would be another one.
    const small = JSON.stringify(parts).length <= MAX_PENDING;
    this._remember({ pending: small ? { ...pending, parts } : null });
    void this._send(exchange, pending);
  }

  private async _send(
    exchange: model.IExchange,
    pending: NonNullable<ITabMemory['pending']>
  ): Promise<void> {
    const visit = this._visit;
    const choice = { provider: pending.provider, model: pending.model };
    try {
      let sessionId = pending.sessionId;
      if (sessionId === null) {
        const session = await this._persist(() =>
          this.client.createSession({ channel: 'lab', ...choice })
        );
        sessionId = session.id;
        if (visit === this._visit) {
          this.draft.adopt(sessionId);
          this._remember({ sessionId, pending: { ...pending, sessionId } });
          this._set({
            conversation: { ...this._state.conversation, session },
            sessionsVersion: this._state.sessionsVersion + 1
          });
        }
      }
      const target = sessionId;
      const turn = await this._persist(() =>
        this.client.startTurn(
          target,
          { message: exchange.text, parts: exchange.parts, ...choice },
          pending.key
        )
      );
      if (visit !== this._visit) {
        return;
      }
      this._remember({ pending: null });
      const twin = this._state.conversation.exchanges.find(
        other => other.turnId === turn.id && other.key !== exchange.key
      );
      if (twin) {
        // It had arrived before the reload, and the stored conversation has it.
        this._drop(exchange.key);
        return;
      }
      this._change(exchange.key, before => model.withTurn(before, turn));
      this._follow(turn.id);
    } catch (error) {
      if (visit !== this._visit || this._disposed) {
        return;
      }
      this._remember({ pending: null });
      this._change(exchange.key, before => ({
        ...before,
        state: 'unsent',
        failure: {
          code: error instanceof ApiError ? error.code : 'internal_error',
          message: error instanceof Error ? error.message : String(error)
        }
      }));
    }
  }

  private async _guide(
    exchangeKey: string,
    turnId: string,
    message: string
  ): Promise<void> {
    const key = `guidance-${UUID.uuid4()}`;
    const change = (
      next: (block: model.IGuidanceBlock) => model.IGuidanceBlock | null
    ) =>
      this._change(exchangeKey, exchange => ({
        ...exchange,
        blocks: exchange.blocks.flatMap<model.Block>(block => {
          if (block.kind !== 'guidance' || block.key !== key) {
            return [block];
          }
          const changed = next(block);
          return changed ? [changed] : [];
        })
      }));
    this._change(exchangeKey, exchange => ({
      ...exchange,
      blocks: [
        ...exchange.blocks,
        { kind: 'guidance', key, text: message, state: 'sending' }
      ]
    }));
    try {
      const accepted = await this.client.guideTurn(turnId, message);
      change(block => ({ ...block, key: accepted.id, state: 'queued' }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) {
        // The turn ended before it could read this: then it is the next message.
        change(() => null);
        await this._settled(exchangeKey);
        this.send(message);
        return;
      }
      change(block => ({ ...block, state: 'failed' }));
      this._set({
        problem: error instanceof Error ? error.message : String(error)
      });
      this.draft.giveBack(message);
    }
  }

  /** Resolves when the exchange is seen to have ended. */
  private async _settled(key: string): Promise<void> {
    for (let waited = 0; waited < 100 && !this._disposed; waited++) {
      const exchange = this._state.conversation.exchanges.find(
        other => other.key === key
      );
      if (!exchange || exchange.state !== 'running') {
        return;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  /** Shows a turn that was started elsewhere, or as another try. */
  private async _show(turn: ITurn): Promise<void> {
    const { conversation } = this._state;
    if (conversation.session?.id !== turn.session_id) {
      await this.openSession(turn.session_id);
      return;
    }
    if (conversation.exchanges.some(other => other.turnId === turn.id)) {
      return;
    }
    this._set({
      conversation: {
        ...conversation,
        exchanges: [...conversation.exchanges, model.ofTurn(turn)]
      }
    });
    this._follow(turn.id);
  }

  private _follow(turnId: string): void {
    this._follower?.stop();
    this._follower = null;
    const exchange = this._state.conversation.exchanges.find(
      other => other.turnId === turnId
    );
    if (!exchange) {
      return;
    }
    let waiting: ITurnEvent[] = [];
    let scheduled = false;
    const apply = () => {
      scheduled = false;
      const events = waiting;
      waiting = [];
      if (this._follower !== follower || events.length === 0) {
        return;
      }
      const before = this._state.conversation;
      const after = model.applyEvents(before, turnId, events, this._now());
      if (after !== before) {
        this._set({ conversation: after });
      }
      if (events.some(event => event.type === 'turn_finished')) {
        this._finished(turnId);
      }
    };
    const follower = new TurnFollower({
      from: exchange.nextIndex,
      backoff: this._backoff,
      connect: (after, signal) => this.client.turnEvents(turnId, after, signal),
      onEvent: event => {
        waiting.push(event);
        if (!scheduled) {
          scheduled = true;
          this._schedule(apply);
        }
      },
      onState: (state, response) => {
        if (this._follower !== follower) {
          return;
        }
        if (state === 'live' || state === 'ended') {
          this._set({ connection: 'online' });
        } else if (state === 'waiting') {
          this._set({ connection: 'reconnecting' });
        } else if (state === 'failed' && response) {
          void this._cannotFollow(exchange.key, response);
        }
      }
    });
    this._follower = follower;
    void follower.run();
  }

  private async _cannotFollow(key: string, response: Response): Promise<void> {
    const error = await readError(response);
    this._set({ connection: 'online' });
    this._change(key, exchange => ({
      ...exchange,
      state: 'finished',
      stopping: false,
      error: { code: error.code, message: error.message, retryable: true }
    }));
  }

  private _finished(turnId: string): void {
    this._follower = null;
    const { conversation, info } = this._state;
    const exchange = conversation.exchanges.find(
      other => other.turnId === turnId
    );
    if (info?.first_run) {
      this._set({ info: { ...info, first_run: false } });
    }
    if (exchange) {
      this._turnFinished.emit(exchange);
    }
    const visit = this._visit;
    const sessionId = conversation.session?.id;
    if (sessionId) {
      void this._quietly(async () => {
        const session = await this.client.getSession(sessionId);
        if (visit === this._visit) {
          this._withSession(session);
        }
      });
    }
  }

  /** Calls until it is answered: no answer and "not now" are tried again, a refusal is not. */
  private async _persist<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await call();
        this._set({ connection: 'online' });
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
          this._set({ connection: 'reconnecting' });
        }
        const retryAfter = error instanceof ApiError ? error.retryAfterMs : 0;
        await this._pause(Math.max(this._backoff(attempt), retryAfter));
      }
    }
  }

  /** Runs something that the user asked for; a failure is shown. Gives whether it went well. */
  private async _attempt(action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      this._set({
        problem: error instanceof Error ? error.message : String(error)
      });
      return false;
    }
  }

  /** Runs something in the background that is only nice to have; the next one may succeed. */
  private async _quietly(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      console.warn('jupyterlab-agent:', error);
    }
  }

  private _offerUndo(undoable: IUndoable): void {
    clearTimeout(this._undoTimer);
    this._set({
      undoable,
      sessionsVersion: this._state.sessionsVersion + 1
    });
    this._undoTimer = setTimeout(() => void this._settleUndo(), UNDO_MS);
  }

  /** The time to undo is over. */
  private async _settleUndo(): Promise<void> {
    clearTimeout(this._undoTimer);
    const undoable = this._state.undoable;
    if (!undoable) {
      return;
    }
    this._set({ undoable: null });
    if (undoable.kind === 'deleted') {
      await this._attempt(() => this.client.purgeSession(undoable.session.id));
      this._set({ sessionsVersion: this._state.sessionsVersion + 1 });
    }
  }

  private _chosen(
    models: readonly IModel[],
    session: ISession | null = this._state.conversation.session
  ): IChoice | null {
    const usable = (choice: IChoice | null) =>
      choice &&
      models.some(
        item =>
          item.provider === choice.provider &&
          item.id === choice.model &&
          item.available
      )
        ? choice
        : null;
    const first =
      models.find(item => item.is_default && item.available) ??
      models.find(item => item.available);
    return (
      usable(
        session?.provider && session.model
          ? { provider: session.provider, model: session.model }
          : null
      ) ??
      usable(this._state.choice) ??
      (first ? { provider: first.provider, model: first.id } : null)
    );
  }

  private _withSession(session: ISession): void {
    const { conversation } = this._state;
    this._set({
      sessionsVersion: this._state.sessionsVersion + 1,
      ...(conversation.session?.id === session.id
        ? { conversation: { ...conversation, session } }
        : {})
    });
  }

  private _change(
    key: string,
    change: (exchange: model.IExchange) => model.IExchange
  ): void {
    this._set({
      conversation: model.changeExchange(this._state.conversation, key, change)
    });
  }

  private _drop(key: string): void {
    const { conversation } = this._state;
    this._set({
      conversation: {
        ...conversation,
        exchanges: conversation.exchanges.filter(other => other.key !== key)
      }
    });
  }

  private _leave(): void {
    this._visit += 1;
    this._follower?.stop();
    this._follower = null;
    this._wakeUp();
  }

  private _pause(ms: number): Promise<void> {
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

  private _wakeUp(): void {
    for (const done of [...this._pauses]) {
      done();
    }
  }

  private _remember(change: Partial<ITabMemory>): void {
    this._memory = { ...this._memory, ...change };
    this._store.save(this._memory);
  }

  private _set(change: Partial<IChatState>): void {
    if (this._disposed) {
      return;
    }
    this._state = { ...this._state, ...change };
    this._stateChanged.emit(this._state);
  }

  private _backoff: (attempt: number) => number;
  private _disposed = false;
  private _follower: TurnFollower | null = null;
  private _listTimer: ReturnType<typeof setTimeout> | undefined;
  private _memory: ITabMemory;
  private _now: () => number;
  private _pauses = new Set<() => void>();
  private _schedule: (callback: () => void) => void;
  private _state: IChatState;
  private _stateChanged = new Signal<this, IChatState>(this);
  private _store: ITabStore;
  private _turnFinished = new Signal<this, model.IExchange>(this);
  private _undoTimer: ReturnType<typeof setTimeout> | undefined;
  /** Grows when another conversation is opened; what belongs to an older visit is dropped. */
  private _visit = 0;
}

/** The next frame, or soon where the tab is hidden and no frame comes. */
function scheduleFrame(callback: () => void): void {
  if (document.hidden) {
    setTimeout(callback, 200);
  } else {
    requestAnimationFrame(callback);
  }
}
