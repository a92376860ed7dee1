import type { ISignal } from '@lumino/signaling';
import type { AgentClient } from '../api/client';
import { ApiError } from '../api/errors';
import type { ITopicEvent } from '../api/socket';
import type {
  InputPart,
  IResend,
  ISession,
  ITask,
  ITurn,
  Mode
} from '../api/types';
import { Choices } from './choices';
import { Conversations, sameConversation } from './conversations';
import {
  ChatCore,
  type IChatState,
  type IChoice,
  type ICoreOptions
} from './core';
import { DraftModel } from './draft';
import { Following } from './following';
import * as model from './model';
import { waitingCalls } from './events';
import type { IToolBlock } from '../tools/calls';
import { fromMessages, prepend, withOutcomes } from './stored';
import { Sending } from './sending';

export type {
  Connection,
  IChatState,
  IChoice,
  ITabMemory,
  ITabStore,
  IUndoable
} from './core';

const PAGE = 100;

/** So far back is a message looked for that is to be shown. */
const FARTHEST = 2000;

export interface IOpening {
  /** A conversation that is gone is no problem: an empty one is shown. */
  quiet?: boolean;
  /** What is shown stays until the other is there; what is being written goes with it. */
  keep?: boolean;
  /** A message that is to be shown. */
  messageId?: string;
}

/**
 * One chat: talks with the server, keeps the conversation, survives cuts and reloads. Knows nothing of the screen.
 */
export class ChatController {
  constructor(options: ICoreOptions) {
    this._core = new ChatCore(options);
    this.client = options.client;
    this.draft = new DraftModel({
      kept: this._core.memory.drafts,
      save: drafts => this._core.remember({ drafts })
    });
    this.draft.open(this._core.memory.sessionId ?? null);
    this._choices = new Choices(this._core);
    this._following = new Following(this._core);
    this._sending = new Sending(this._core, this.draft, this._following);
    this._conversations = new Conversations(this._core, {
      open: sessionId => this.openSession(sessionId),
      fresh: () => this.newSession()
    });
  }

  readonly client: AgentClient;

  /** What is being written. */
  readonly draft: DraftModel;

  get state(): IChatState {
    return this._core.state;
  }

  get stateChanged(): ISignal<unknown, IChatState> {
    return this._core.stateChanged;
  }

  /** A turn came to its end: with whom it ended and how. */
  get turnFinished(): ISignal<unknown, model.IExchange> {
    return this._following.finished;
  }

  get running(): model.IExchange | null {
    return model.current(this.state.conversation);
  }

  /**
   * Loads what the panel needs, and the conversation that was open. Goes on trying while the server does not answer.
   *
   * @param sessionId - the conversation that was open when this tab knows of none.
   */
  async start(sessionId: string | null = null): Promise<void> {
    const core = this._core;
    core.set({ phase: 'loading', failure: null });
    for (let attempt = 1; !core.isDisposed; attempt++) {
      try {
        const info = await this.client.info();
        core.set({ info, phase: 'ready', connection: 'online' });
        break;
      } catch (error) {
        if (error instanceof ApiError && error.status < 500) {
          core.set({
            phase: 'failed',
            failure: { status: error.status, message: error.message }
          });
          return;
        }
        core.set({ connection: 'reconnecting' });
        await core.pause(core.backoff(attempt));
      }
    }
    void this.refreshModels();
    void this.refreshStatus();
    void this._choices.refreshPolicy();
    const { pending, sessionId: last } = core.memory;
    const wanted = pending?.sessionId ?? (pending ? null : (last ?? sessionId));
    if (wanted) {
      await this.openSession(wanted, { quiet: true });
    }
    if (pending) {
      this._sending.deliver(pending);
    }
  }

  refreshModels(): Promise<void> {
    return this._choices.refreshModels();
  }

  refreshStatus(): Promise<void> {
    return this._choices.refreshStatus();
  }

  /** Chooses the model of what is sent from now on; the conversation keeps it. */
  choose(choice: IChoice): Promise<void> {
    return this._choices.choose(choice);
  }

  /** Chooses what the agent may do in this chat without asking. */
  chooseMode(mode: Mode): Promise<void> {
    return this._choices.chooseMode(mode);
  }

  /** The calls of this chat that wait for the user. */
  get waiting(): readonly IToolBlock[] {
    return waitingCalls(this.running);
  }

  /** Shows that something went wrong beside the conversation. */
  report(error: unknown): void {
    this._core.report(error);
  }

  dismissProblem(): void {
    this._core.set({ problem: null });
  }

  /** An empty conversation; it exists on the server with its first message. */
  newSession(): void {
    this._leave();
    this._core.remember({ sessionId: null, pending: null, mode: null });
    this.draft.open(null);
    this._core.set({
      conversation: model.EMPTY,
      origin: null,
      wanted: null,
      opening: false,
      choice: this._choices.of(null),
      mode: this._choices.modeOf(null)
    });
  }

  /** Opens a conversation and follows what runs in it. */
  async openSession(sessionId: string, how: IOpening = {}): Promise<void> {
    const core = this._core;
    this._leave();
    const { visit } = core;
    if (how.keep) {
      core.set({ opening: true });
    } else {
      // What was typed before the first one was there goes with it.
      if (how.quiet && !this.draft.has(sessionId)) {
        this.draft.adopt(sessionId);
      } else {
        this.draft.open(sessionId);
      }
      // At once: a reload while it loads comes back to it.
      core.remember({ sessionId });
      core.set({ opening: true, conversation: model.EMPTY, origin: null });
    }
    for (let attempt = 1; visit === core.visit && !core.isDisposed; attempt++) {
      try {
        const loaded = await this._load(sessionId, how.messageId ?? null);
        if (visit !== core.visit) {
          return;
        }
        if (how.keep) {
          this.draft.adopt(sessionId);
        }
        core.remember({ sessionId });
        core.set({
          opening: false,
          connection: 'online',
          conversation: loaded,
          wanted: how.messageId ?? null,
          choice: this._choices.of(loaded.session),
          mode: this._choices.modeOf(loaded.session)
        });
        this._followRunning();
        void this._conversations.findOrigin();
        return;
      } catch (error) {
        if (visit !== core.visit) {
          return;
        }
        if (error instanceof ApiError && error.status < 500) {
          core.set({
            opening: false,
            problem: how.quiet ? null : error.message
          });
          if (how.keep) {
            this._followRunning();
          } else {
            core.remember({ sessionId: null });
            this.draft.adopt(null);
          }
          return;
        }
        core.set({ connection: 'reconnecting' });
        await core.pause(core.backoff(attempt));
      }
    }
  }

  /** What was to be shown is shown. */
  arrived(): void {
    this._core.set({ wanted: null });
  }

  /** Loads the messages before the first one that is shown. */
  async loadEarlier(): Promise<void> {
    const core = this._core;
    const { conversation, loadingEarlier } = core.state;
    if (!conversation.session || !conversation.earlier || loadingEarlier) {
      return;
    }
    const { visit } = core;
    core.set({ loadingEarlier: true });
    await core.attempt(async () => {
      const { items, offset } = await this._earlier(conversation);
      if (visit === core.visit) {
        core.set({
          conversation: prepend(core.state.conversation, items, offset)
        });
      }
    });
    core.set({ loadingEarlier: false });
  }

  /**
   * Sends a message; while a turn runs, it is guidance for that turn, which takes text alone.
   *
   * @returns whether it is on its way. Where another one is not known to have arrived yet, this one waits in the box.
   */
  send(text: string, parts: InputPart[] = []): boolean {
    return this._sending.send(text, parts);
  }

  /** Sends again what could not be sent. */
  resend(exchange: model.IExchange): void {
    if (exchange.state === 'unsent') {
      this._core.drop(exchange.key);
      this.send(exchange.text, exchange.parts);
    }
  }

  /** Takes a message that could not be sent back into the box. */
  discard(exchange: model.IExchange): void {
    this._core.drop(exchange.key);
    this.draft.giveBack(exchange.text);
  }

  /** Stops the running turn. What it said stays. */
  async stop(): Promise<void> {
    const { running } = this;
    if (!running?.turnId) {
      return;
    }
    const core = this._core;
    const { key, turnId } = running;
    core.change(key, exchange => ({ ...exchange, stopping: true }));
    const done = await core.attempt(async () => {
      await this.client.interruptTurn(turnId).catch((error: unknown) => {
        // It ended by itself in between.
        if (!(error instanceof ApiError && error.status === 409)) {
          throw error;
        }
      });
    });
    if (!done) {
      core.change(key, exchange => ({ ...exchange, stopping: false }));
    }
  }

  /**
   * Asks a message again in a new version of the conversation, which is opened.
   *
   * @param choice - whom to ask; the model chosen now if left out.
   */
  async retry(
    exchange: model.IExchange,
    choice: IChoice | null = this.state.choice
  ): Promise<void> {
    await this._again(exchange, {
      provider: choice?.provider ?? null,
      model: choice?.model ?? null
    });
  }

  /**
   * Asks something else in the place of a message, in a new version of the conversation, which is opened.
   *
   * @returns whether it was taken.
   */
  edit(
    exchange: model.IExchange,
    text: string,
    parts: InputPart[]
  ): Promise<boolean> {
    const { choice } = this.state;
    return this._again(exchange, {
      message: text.trim(),
      parts,
      provider: choice?.provider ?? null,
      model: choice?.model ?? null
    });
  }

  /** Turns to another version of a message: the conversation as it went on from that one. */
  async showVersion(exchange: model.IExchange, version: number): Promise<void> {
    const target = exchange.versions[version];
    if (target && version !== exchange.version) {
      await this.openSession(target.session_id, {
        keep: true,
        messageId: target.message_id
      });
    }
  }

  branch(exchange: model.IExchange, title: string): Promise<void> {
    return this._conversations.branch(exchange, title);
  }

  /** A conversation of its own that begins with all of another one; opened at once. */
  branchSession(session: ISession, title: string): Promise<void> {
    return this._conversations.branchSession(session, title);
  }

  rename(session: ISession, title: string): Promise<void> {
    return this._conversations.rename(session, title);
  }

  archive(session: ISession, archived: boolean): Promise<void> {
    return this._conversations.archive(session, archived);
  }

  /** Deletes a conversation for good, a few seconds from now: until then it can be undone. */
  remove(session: ISession): Promise<void> {
    return this._conversations.remove(session);
  }

  undo(): Promise<void> {
    return this._conversations.undo();
  }

  /** The page goes away: what waits to be deleted is deleted now. */
  leave(): void {
    void this._conversations.settle(true);
  }

  /** Something happened on the server: another tab, a notebook or the model itself may have done it. */
  moved(event: ITopicEvent): void {
    if (event.topic === 'sessions') {
      this._listMovedSoon();
      const session = event.data.session as ISession | undefined;
      if (session) {
        this._sessionMoved(session, event.data.type === 'session_deleted');
      }
      return;
    }
    const data = event.data;
    const turns = event.snapshot
      ? ((data.items ?? []) as ITurn[])
      : [(data.turn ?? data) as ITurn];
    for (const turn of turns) {
      // Not every event of the topic is about a turn's state.
      if (['running', 'queued', 'waiting'].includes(turn.status)) {
        void this._joined(turn);
      }
    }
  }

  /** Tries now what waits for the network. */
  wake(): void {
    this._following.wake();
    this._core.wakeUp();
  }

  dispose(): void {
    if (this._core.isDisposed) {
      return;
    }
    void this._conversations.settle();
    this._leave();
    this._core.dispose();
  }

  private _sessionMoved(session: ISession, deleted: boolean): void {
    const core = this._core;
    const { conversation, undoable } = core.state;
    const open = conversation.session;
    if (session.id === open?.id) {
      if (!deleted) {
        core.set({
          conversation: { ...conversation, session },
          mode: this._choices.modeOf(session)
        });
      } else if (undoable?.session.id !== session.id) {
        this.newSession();
      }
    }
    if (
      sameConversation(open, session) &&
      (deleted || session.id !== open?.id) &&
      !this.running
    ) {
      // Another version came or went: messages may have more versions, or fewer.
      clearTimeout(this._versionsTimer);
      this._versionsTimer = setTimeout(
        () => void this._following.refreshStored(),
        300
      );
    }
  }

  /** A turn runs; where it is one of this conversation that another client started, it is followed here too. */
  private async _joined(turn: ITurn): Promise<void> {
    const { conversation, opening } = this.state;
    const known = conversation.exchanges.some(
      exchange => exchange.turnId === turn.id || exchange.state === 'sending'
    );
    if (!known && !opening && turn.session_id === conversation.session?.id) {
      const { visit } = this._core;
      await this._core.quietly(async () => {
        const now = await this.client.getTurn(turn.id);
        if (visit === this._core.visit) {
          await this._show(now);
        }
      });
    }
  }

  /** The list of sessions is read again, soon: many things may move at once. */
  private _listMovedSoon(): void {
    this._listTimer ??= setTimeout(() => {
      this._listTimer = undefined;
      this._core.listMoved();
    }, 300);
  }

  /** The end of a conversation; as much of it as it takes to have this message. */
  private async _load(
    sessionId: string,
    messageId: string | null
  ): Promise<model.IConversation> {
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
    let exchanges = withOutcomes(
      fromMessages(page.items, running),
      turns.items
    );
    if (running && !exchanges.some(exchange => exchange.turnId === running)) {
      exchanges = [
        ...exchanges,
        model.ofTurn(runningTurn ?? (await this.client.getTurn(running)))
      ];
    }
    let loaded: model.IConversation = {
      session: { ...session, running_turn_id: running },
      exchanges,
      tasks: await this._tasks(sessionId),
      earlier: page.total - page.items.length
    };
    const farthest = loaded.earlier - FARTHEST;
    while (
      messageId !== null &&
      loaded.earlier > Math.max(0, farthest) &&
      !loaded.exchanges.some(other => other.messageIds.includes(messageId))
    ) {
      const { items, offset } = await this._earlier(loaded);
      loaded = prepend(loaded, items, offset);
    }
    return loaded;
  }

  /** The to-do list of a session; without it there is none. */
  private async _tasks(sessionId: string): Promise<readonly ITask[]> {
    try {
      return (await this.client.sessionTasks(sessionId)).items;
    } catch (error) {
      if (error instanceof ApiError) {
        return [];
      }
      throw error;
    }
  }

  private async _earlier(
    conversation: model.IConversation
  ): Promise<{ items: model.IExchange[]; offset: number }> {
    const offset = Math.max(0, conversation.earlier - PAGE);
    const page = await this.client.listMessages(conversation.session!.id, {
      offset,
      limit: conversation.earlier - offset
    });
    return { items: fromMessages(page.items), offset };
  }

  private async _again(
    exchange: model.IExchange,
    change: IResend
  ): Promise<boolean> {
    if (this.running || !(exchange.turnId || exchange.messageId)) {
      return false;
    }
    const core = this._core;
    const { visit } = core;
    return core.attempt(async () => {
      const turn = await this._sending.again(exchange, change);
      core.listMoved();
      // Who has gone elsewhere meanwhile stays there; it is in the list.
      if (visit === core.visit) {
        await this._show(turn);
      }
    });
  }

  /** Shows a turn that was started elsewhere, or as another try. */
  private async _show(turn: ITurn): Promise<void> {
    const { conversation } = this.state;
    if (conversation.session?.id !== turn.session_id) {
      await this.openSession(turn.session_id, { keep: true });
      return;
    }
    if (conversation.exchanges.some(other => other.turnId === turn.id)) {
      return;
    }
    this._core.add(model.ofTurn(turn));
    this._following.follow(turn.id);
  }

  private _followRunning(): void {
    const { running } = this;
    if (running?.turnId) {
      this._following.follow(running.turnId);
    }
  }

  private _leave(): void {
    this._core.visit += 1;
    this._following.stop();
    this._core.wakeUp();
  }

  private _choices: Choices;
  private _conversations: Conversations;
  private _core: ChatCore;
  private _following: Following;
  private _listTimer: ReturnType<typeof setTimeout> | undefined;
  private _sending: Sending;
  private _versionsTimer: ReturnType<typeof setTimeout> | undefined;
}
