/** The models there are, the one that is asked, and what it may do. */
import type { IModel, ISession, Mode } from '../api/types';
import type { ChatCore, IChoice } from './core';

/**
 * What is asked from now on: what the session says, else what was chosen before, else the default.
 *
 * Of models that cannot be used none is chosen.
 */
export function chosen(
  models: readonly IModel[],
  session: ISession | null,
  before: IChoice | null
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
    usable(before) ??
    (first ? { provider: first.provider, model: first.id } : null)
  );
}

export class Choices {
  constructor(private _core: ChatCore) {}

  async refreshModels(): Promise<void> {
    const core = this._core;
    await core.quietly(async () => {
      const [models, providers] = await Promise.all([
        core.client.listModels(),
        core.client.listProviders()
      ]);
      const { conversation, choice } = core.state;
      core.set({
        models,
        providers,
        choice: chosen(models, conversation.session, choice)
      });
    });
  }

  async refreshStatus(): Promise<void> {
    const core = this._core;
    await core.quietly(async () => {
      core.set({ status: await core.client.status() });
    });
  }

  /** Chooses the model of what is sent from now on; the conversation keeps it. */
  async choose(choice: IChoice): Promise<void> {
    const core = this._core;
    core.set({ choice });
    const session = core.state.conversation.session;
    if (session) {
      await core.attempt(async () => {
        core.withSession(await core.client.patchSession(session.id, choice));
      });
    }
  }

  /** Reads what the agent may do where a chat says nothing else. */
  async refreshPolicy(): Promise<void> {
    const core = this._core;
    await core.quietly(async () => {
      this._usual = (await core.client.getPolicy()).mode;
      core.set({ mode: this.modeOf(core.state.conversation.session) });
    });
  }

  /** Chooses what the agent may do in the open chat; one that does not exist yet has it from its beginning. */
  async chooseMode(mode: Mode): Promise<void> {
    const core = this._core;
    const { session } = core.state.conversation;
    const before = core.state.mode;
    core.set({ mode });
    if (!session) {
      core.remember({ mode });
      return;
    }
    const done = await core.attempt(async () => {
      core.withSession(await core.client.patchSession(session.id, { mode }));
    });
    // What was not taken does not hold, and is not shown as if it did.
    if (!done && core.state.conversation.session?.id === session.id) {
      core.set({ mode: before });
    }
  }

  /** What the agent may do in this session; null is one that does not exist yet. */
  modeOf(session: ISession | null): Mode | null {
    return (
      (session ? session.mode : this._core.memory.mode) ?? this._usual ?? null
    );
  }

  /** What is asked in this session; null is one that does not exist yet. */
  of(session: ISession | null): IChoice | null {
    const { models, choice } = this._core.state;
    return chosen(models, session, choice);
  }

  private _usual: Mode | null = null;
}
