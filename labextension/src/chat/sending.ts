/** Brings messages to the server, once: as a turn, as guidance for the one that runs, or as another try. */
import { UUID } from '@lumino/coreutils';
import { ApiError } from '../api/errors';
import type { InputPart, IResend, ITurn } from '../api/types';
import type { ChatCore, IPending } from './core';
import type { DraftModel } from './draft';
import type { Following } from './following';
import * as model from './model';

/** Characters of what is attached to a message that are kept over a reload until it has arrived. */
const MAX_PENDING = 500_000;

/** The notebook that a conversation is about: the first that is attached, whole or in part. */
export function notebookOf(parts: readonly InputPart[]): string | null {
  for (const part of parts) {
    if (part.type === 'context' && part.path?.endsWith('.ipynb')) {
      return part.path;
    }
  }
  return null;
}

export class Sending {
  constructor(
    private _core: ChatCore,
    private _draft: DraftModel,
    private _following: Following
  ) {}

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
    const { conversation, choice, mode } = this._core.state;
    const running = model.current(conversation);
    if (running?.turnId && running.state === 'running' && parts.length === 0) {
      void this._guide(running.key, running.turnId, message);
      return true;
    }
    if (running) {
      this._draft.giveBack(message);
      return false;
    }
    this.deliver({
      sessionId: conversation.session?.id ?? null,
      text: message,
      parts,
      key: UUID.uuid4(),
      provider: choice?.provider ?? null,
      model: choice?.model ?? null,
      mode: conversation.session ? null : mode
    });
    return true;
  }

  /** Sends what may have arrived before: the same key gives the turn that it started then. */
  deliver(pending: IPending): void {
    const core = this._core;
    const parts = pending.parts ?? [];
    const exchange = model.outgoing(
      pending.text,
      parts,
      pending.key,
      core.now()
    );
    core.set({ problem: null });
    core.add(exchange);
    // What is too much to keep here is not kept at all: without it the message would be another one.
    const small = JSON.stringify(parts).length <= MAX_PENDING;
    core.remember({ pending: small ? pending : null });
    void this._deliver(exchange, pending, small);
  }

  /**
   * Asks a user's message again, as it was or otherwise, in a new version of the conversation.
   *
   * @returns the turn, which is of that version.
   * @throws ApiError where the server will not.
   */
  async again(exchange: model.IExchange, change: IResend): Promise<ITurn> {
    const core = this._core;
    const { turnId, messageId } = exchange;
    const sessionId = core.state.conversation.session?.id;
    const key = UUID.uuid4();
    return core.persist(() => {
      if (sessionId && messageId) {
        return core.client.resendMessage(sessionId, messageId, change, key);
      }
      return core.client.retryTurn(turnId!, change, key);
    });
  }

  private async _deliver(
    exchange: model.IExchange,
    pending: IPending,
    kept: boolean
  ): Promise<void> {
    const core = this._core;
    const { visit } = core;
    const choice = { provider: pending.provider, model: pending.model };
    try {
      let sessionId = pending.sessionId;
      if (sessionId === null) {
        const session = await core.persist(() =>
          core.client.createSession({
            channel: 'lab',
            notebook: notebookOf(pending.parts ?? []),
            ...(pending.mode ? { mode: pending.mode } : {}),
            ...choice
          })
        );
        sessionId = session.id;
        if (visit === core.visit) {
          this._draft.adopt(sessionId);
          core.remember({
            sessionId,
            mode: null,
            pending: kept ? { ...pending, sessionId } : null
          });
          core.set({
            conversation: { ...core.state.conversation, session }
          });
          core.listMoved();
        }
      }
      const target = sessionId;
      const turn = await core.persist(() =>
        core.client.startTurn(
          target,
          { message: exchange.text, parts: exchange.parts, ...choice },
          pending.key
        )
      );
      if (visit !== core.visit) {
        return;
      }
      core.remember({ pending: null });
      const twin = core.exchange(
        other => other.turnId === turn.id && other.key !== exchange.key
      );
      if (twin) {
        // It had arrived before the reload, and the stored conversation has it.
        core.drop(exchange.key);
        return;
      }
      core.change(exchange.key, before => model.withTurn(before, turn));
      this._following.follow(turn.id);
    } catch (error) {
      if (visit !== core.visit || core.isDisposed) {
        return;
      }
      core.remember({ pending: null });
      core.change(exchange.key, before => ({
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
    const core = this._core;
    const key = `guidance-${UUID.uuid4()}`;
    const change = (
      next: (block: model.IGuidanceBlock) => model.IGuidanceBlock | null
    ) =>
      core.change(exchangeKey, exchange => ({
        ...exchange,
        blocks: exchange.blocks.flatMap<model.Block>(block => {
          if (block.kind !== 'guidance' || block.key !== key) {
            return [block];
          }
          const changed = next(block);
          return changed ? [changed] : [];
        })
      }));
    core.change(exchangeKey, exchange => ({
      ...exchange,
      blocks: [
        ...exchange.blocks,
        { kind: 'guidance', key, text: message, state: 'sending' }
      ]
    }));
    try {
      const accepted = await core.client.guideTurn(turnId, message);
      change(block => ({ ...block, key: accepted.id, state: 'queued' }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) {
        // The turn ended before it could read this: then it is the next message.
        change(() => null);
        await this._following.settled(exchangeKey);
        this.send(message);
        return;
      }
      change(block => ({ ...block, state: 'failed' }));
      core.report(error);
      this._draft.giveBack(message);
    }
  }
}
