/** The models there are, and the one that is asked. */
import type { IModel, ISession } from '../api/types';
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

  /** What is asked in this session; null is one that does not exist yet. */
  of(session: ISession | null): IChoice | null {
    const { models, choice } = this._core.state;
    return chosen(models, session, choice);
  }
}
