/** Follows the turn that runs in the open conversation, over cuts, to its end. */
import { Signal, type ISignal } from '@lumino/signaling';
import { readError } from '../api/errors';
import { TurnFollower } from '../api/sse';
import type { IMessage, ITurnEvent } from '../api/types';
import type { ChatCore } from './core';
import * as model from './model';
import { applyEvents } from './events';
import { withStored } from './stored';

/** Messages that are read again after a turn; where they are not enough, this many more. */
const FEW = 20;
const MANY = 100;

export class Following {
  constructor(private _core: ChatCore) {}

  /** A turn came to its end: with whom it ended and how. */
  get finished(): ISignal<unknown, model.IExchange> {
    return this._finished;
  }

  follow(turnId: string): void {
    this.stop();
    const core = this._core;
    const exchange = core.exchange(other => other.turnId === turnId);
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
      const before = core.state.conversation;
      const after = applyEvents(before, turnId, events, core.now());
      if (after !== before) {
        core.set({ conversation: after });
      }
      if (events.some(event => event.type === 'turn_finished')) {
        this._ended(turnId);
      }
    };
    const follower = new TurnFollower({
      from: exchange.nextIndex,
      backoff: core.backoff,
      connect: (after, signal) => core.client.turnEvents(turnId, after, signal),
      onEvent: event => {
        waiting.push(event);
        if (!scheduled) {
          scheduled = true;
          core.schedule(apply);
        }
      },
      onState: (state, response) => {
        if (this._follower !== follower) {
          return;
        }
        if (state === 'live' || state === 'ended') {
          core.set({ connection: 'online' });
        } else if (state === 'waiting') {
          core.set({ connection: 'reconnecting' });
        } else if (state === 'failed' && response) {
          void this._cannotFollow(exchange.key, response);
        }
      }
    });
    this._follower = follower;
    void follower.run();
  }

  stop(): void {
    this._follower?.stop();
    this._follower = null;
  }

  wake(): void {
    this._follower?.wake();
  }

  /** Resolves when the exchange is seen to have ended. */
  async settled(key: string): Promise<void> {
    const core = this._core;
    for (let waited = 0; waited < 100 && !core.isDisposed; waited++) {
      if (core.exchange(other => other.key === key)?.state !== 'running') {
        return;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  /** Reads again under which names the messages are stored, and which versions there are. */
  async refreshStored(turnId: string | null = null): Promise<void> {
    const core = this._core;
    const { visit } = core;
    const sessionId = core.state.conversation.session?.id;
    if (!sessionId) {
      return;
    }
    await core.quietly(async () => {
      const last = async (limit: number): Promise<IMessage[]> =>
        (await core.client.listMessages(sessionId, { order: 'desc', limit }))
          .items;
      let messages = await last(turnId ? FEW : MANY);
      const whole = (message: IMessage) =>
        message.role === 'user' && message.turn_id === turnId;
      if (turnId && !messages.some(whole) && messages.length === FEW) {
        messages = await last(MANY);
      }
      if (visit === core.visit) {
        core.set({
          conversation: withStored(
            core.state.conversation,
            [...messages].reverse()
          )
        });
      }
    });
  }

  private async _cannotFollow(key: string, response: Response): Promise<void> {
    const error = await readError(response);
    this._core.set({ connection: 'online' });
    this._core.change(key, exchange => ({
      ...exchange,
      state: 'finished',
      stopping: false,
      error: { code: error.code, message: error.message, retryable: true }
    }));
  }

  private _ended(turnId: string): void {
    this._follower = null;
    const core = this._core;
    const { conversation, info } = core.state;
    if (info?.first_run) {
      core.set({ info: { ...info, first_run: false } });
    }
    const exchange = core.exchange(other => other.turnId === turnId);
    if (exchange) {
      this._finished.emit(exchange);
    }
    const { visit } = core;
    const sessionId = conversation.session?.id;
    if (sessionId) {
      void core.quietly(async () => {
        const session = await core.client.getSession(sessionId);
        if (visit === core.visit) {
          core.withSession(session);
        }
      });
      void this.refreshStored(turnId);
    }
  }

  private _finished = new Signal<this, model.IExchange>(this);
  private _follower: TurnFollower | null = null;
}
