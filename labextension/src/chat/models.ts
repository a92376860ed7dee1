/** The list of models that one chooses from. Pure: no DOM, no Jupyter. */
import type { IModel, IProvider } from '../api/types';
import type { IChoice } from './core';
import { best } from './menu';

export interface IModelGroup {
  key: string;
  /** Null for those used last. */
  name: string | null;
  /** Id of the provider that can be set up here. */
  provider: string | null;
  /** Why none of its models can be used, where that is so. */
  reason: string | null;
  models: readonly IModel[];
}

/** In a list that is no longer than this everything is seen at once: nothing is repeated at its top. */
const SHORT = 6;
const RECENT = 3;

export function isChoice(model: IModel, choice: IChoice | null): boolean {
  return model.id === choice?.model && model.provider === choice.provider;
}

/** The choices with this one first; of more than a few the oldest go. */
export function withRecent(
  recent: readonly IChoice[],
  choice: IChoice
): IChoice[] {
  return [
    choice,
    ...recent.filter(
      other =>
        other.model !== choice.model || other.provider !== choice.provider
    )
  ].slice(0, RECENT + 1);
}

/**
 * What of the models fits what was searched for, by provider: those that can be used first.
 *
 * @param recent - what was used last, the last one first; it stands at the top where nothing is searched for.
 */
export function groupModels(
  models: readonly IModel[],
  providers: readonly IProvider[],
  wanted: string,
  recent: readonly IChoice[] = []
): IModelGroup[] {
  const needle = wanted.trim();
  const groups = new Map<string, IModelGroup & { models: IModel[] }>();
  for (const provider of providers) {
    groups.set(provider.id, {
      key: provider.id,
      name: provider.name,
      provider: provider.id,
      reason: provider.state === 'ready' ? null : (provider.next_action ?? ''),
      models: []
    });
  }
  for (const model of models) {
    const known = groups.get(model.provider) ?? {
      key: model.provider,
      name: model.provider_name,
      provider: model.provider,
      reason: model.available ? null : (model.reason ?? ''),
      models: []
    };
    groups.set(model.provider, known);
    known.models.push(model);
  }
  const found = [...groups.values()]
    .map(group => {
      // Who searches for the provider wants to see what it has.
      const all = best([group.name ?? ''], needle, name => [name]).length > 0;
      const fitting = best(group.models, needle, model => [
        model.name,
        model.id
      ]);
      return {
        ...group,
        models: fitting.length > 0 || !all ? fitting : group.models,
        shown: fitting.length > 0 || all
      };
    })
    .filter(group => group.shown)
    .sort((one, other) => Number(!!one.reason) - Number(!!other.reason))
    .map(({ shown, ...group }) => group);
  if (needle !== '' || models.length <= SHORT) {
    return found;
  }
  const last = recent
    .map(choice =>
      models.find(model => model.available && isChoice(model, choice))
    )
    .filter(model => model !== undefined)
    .slice(0, RECENT);
  return last.length > 0
    ? [
        {
          key: '+recent',
          name: null,
          provider: null,
          reason: null,
          models: last
        },
        ...found
      ]
    : found;
}

/** A number of tokens in few digits: 128k, 1M. */
export function tokens(count: number): string {
  return count >= 1_000_000
    ? `${Number((count / 1_000_000).toFixed(1))}M`
    : count >= 1000
      ? `${Math.round(count / 1000)}k`
      : String(count);
}
