/** What is done with whole conversations: renamed, put away, deleted, branched. */
import type { IBranch, ISession } from '../api/types';
import type { ChatCore, IUndoable } from './core';
import type { IExchange } from './model';

const UNDO_MS = 6000;

/** Whether two sessions are versions of one conversation. */
export function sameConversation(
  one: ISession | null,
  other: ISession | null
): boolean {
  return (
    one !== null &&
    other !== null &&
    (one.id === other.id ||
      (!!one.conversation_id && one.conversation_id === other.conversation_id))
  );
}

export class Conversations {
  constructor(
    private _core: ChatCore,
    private _opener: {
      open: (sessionId: string) => Promise<void>;
      fresh: () => void;
    }
  ) {}

  async rename(session: ISession, title: string): Promise<void> {
    const core = this._core;
    await core.attempt(async () => {
      const renamed = await core.client.patchSession(session.id, {
        title: title.trim()
      });
      core.withSession(renamed);
    });
  }

  async archive(session: ISession, archived: boolean): Promise<void> {
    const core = this._core;
    await core.attempt(async () => {
      const changed = await core.client.patchSession(session.id, { archived });
      core.withSession(changed);
      if (archived) {
        await this.settle();
        this._offerUndo({ kind: 'archived', session: changed, wasOpen: false });
      }
    });
  }

  /** Deletes a conversation for good, a few seconds from now: until then it can be undone. */
  async remove(session: ISession): Promise<void> {
    const core = this._core;
    await this.settle();
    const wasOpen = sameConversation(core.state.conversation.session, session);
    const open = core.state.conversation.session;
    if (wasOpen) {
      this._opener.fresh();
    }
    this._offerUndo({
      kind: 'deleted',
      session: wasOpen && open ? open : session,
      wasOpen
    });
  }

  async undo(): Promise<void> {
    const core = this._core;
    const undoable = core.state.undoable;
    clearTimeout(this._timer);
    core.set({ undoable: null });
    core.listMoved();
    if (undoable?.kind === 'archived') {
      await this.archive(undoable.session, false);
    } else if (undoable?.wasOpen && !core.state.conversation.session) {
      await this._opener.open(undoable.session.id);
    }
  }

  /**
   * The time to undo is over: what was deleted is deleted.
   *
   * @param leaving - the page goes away now; the request outlives it.
   */
  async settle(leaving = false): Promise<void> {
    const core = this._core;
    clearTimeout(this._timer);
    const undoable = core.state.undoable;
    if (!undoable) {
      return;
    }
    core.set({ undoable: null });
    if (undoable.kind === 'deleted') {
      await core.attempt(() =>
        core.client.purgeSession(undoable.session.id, leaving)
      );
      core.listMoved();
    }
  }

  /**
   * Goes on elsewhere from what was said up to here: a conversation of its own, opened at once.
   *
   * @param title - what it is called.
   */
  async branch(exchange: IExchange, title: string): Promise<void> {
    const core = this._core;
    const session = core.state.conversation.session;
    const last = exchange.messageIds[exchange.messageIds.length - 1];
    if (!session || !(exchange.turnId || last)) {
      return;
    }
    await this._branch(session.id, {
      ...(exchange.turnId
        ? { turn_id: exchange.turnId }
        : { message_id: last }),
      title
    });
  }

  /** Goes on elsewhere from all that was said. */
  async branchSession(session: ISession, title: string): Promise<void> {
    await this._branch(session.id, { title });
  }

  /** Finds out what the open conversation was branched from. */
  async findOrigin(): Promise<void> {
    const core = this._core;
    const { visit } = core;
    const session = core.state.conversation.session;
    if (!session?.parent_id) {
      return;
    }
    await core.quietly(async () => {
      // The first version of a conversation says where it came from; the others came from it.
      const first =
        session.conversation_id === session.id
          ? session
          : await core.client.getSession(session.conversation_id);
      if (first.parent_id) {
        const origin = await core.client.getSession(first.parent_id);
        if (visit === core.visit && origin.status !== 'terminated') {
          core.set({ origin });
        }
      }
    });
  }

  private async _branch(sessionId: string, body: IBranch): Promise<void> {
    const core = this._core;
    const { visit } = core;
    await core.attempt(async () => {
      const branch = await core.client.branchSession(sessionId, {
        ...body,
        title: body.title?.slice(0, 200)
      });
      core.listMoved();
      if (visit === core.visit) {
        await this._opener.open(branch.id);
      }
    });
  }

  private _offerUndo(undoable: IUndoable): void {
    clearTimeout(this._timer);
    this._core.set({ undoable });
    this._core.listMoved();
    this._timer = setTimeout(() => void this.settle(), UNDO_MS);
  }

  private _timer: ReturnType<typeof setTimeout> | undefined;
}
