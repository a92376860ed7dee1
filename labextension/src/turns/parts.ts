/** The context of a request as its parts: pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  ContextPart,
  IContextItem,
  IContextSnapshot,
  ILeftOut
} from '../api/types';

/** In the order in which they are sent. */
export const PARTS: readonly ContextPart[] = [
  'system_prompt',
  'memory',
  'skills',
  'knowledge',
  'tools',
  'notebook',
  'attachments',
  'history',
  'message',
  'steps'
];

export function isPart(value: unknown): value is ContextPart {
  return PARTS.includes(value as ContextPart);
}

export function partLabel(part: ContextPart, trans: TranslationBundle): string {
  switch (part) {
    case 'system_prompt':
      return trans.__('Instructions');
    case 'memory':
      return trans.__('Memory');
    case 'skills':
      return trans.__('Skills');
    case 'knowledge':
      return trans.__('Knowledge');
    case 'notebook':
      return trans.__('Notebook');
    case 'history':
      return trans.__('History');
    case 'tools':
      return trans.__('Tools');
    case 'attachments':
      return trans.__('Attachments');
    case 'message':
      return trans.__('Message');
    case 'steps':
      return trans.__('Steps so far');
  }
}

/** One part of the bar; the last may be the room that is free. */
export interface ISegment {
  part: ContextPart | 'free';
  tokens: number;
  /** Of all that there is room for, or of what was sent where nobody knows that; 0 to 1. */
  share: number;
}

/** How much room there was; null where nobody knows. */
export function roomOf(
  snapshot: Pick<IContextSnapshot, 'budget' | 'context_window' | 'total'>
): number | null {
  return snapshot.budget ?? snapshot.context_window ?? null;
}

/**
 * The parts that have something in them, in the order sent, and the room that is left. In a provider's own count a small
 * part may have come to nothing: it was sent all the same.
 */
export function segments(
  snapshot: Pick<
    IContextSnapshot,
    'tokens' | 'total' | 'budget' | 'context_window'
  >
): ISegment[] {
  const { total } = snapshot;
  const room = roomOf(snapshot);
  const all = Math.max(1, total, room ?? 0);
  const found: ISegment[] = PARTS.filter(
    part => snapshot.tokens[part] !== undefined
  ).map(part => {
    const tokens = snapshot.tokens[part]!;
    return { part, tokens, share: tokens / all };
  });
  if (room !== null && room > total) {
    const tokens = room - total;
    found.push({ part: 'free', tokens, share: tokens / all });
  }
  return found;
}

export function leftOutLabel(
  { what, count: how }: Pick<ILeftOut, 'what' | 'count'>,
  trans: TranslationBundle
): string {
  switch (what) {
    case 'history':
      return trans._n('%1 earlier message', '%1 earlier messages', how);
    case 'attachment':
      return trans._n('%1 attachment', '%1 attachments', how);
    case 'tool_result':
      return trans._n('%1 result of a tool', '%1 results of tools', how);
    case 'picture':
      return trans._n('%1 picture', '%1 pictures', how);
    case 'notebook':
      return trans._n(
        '%1 part of the notebook',
        '%1 parts of the notebook',
        how
      );
    case 'memory':
      return trans._n('%1 memory', '%1 memories', how);
    case 'knowledge':
      return trans._n('%1 piece of knowledge', '%1 pieces of knowledge', how);
    case 'skill':
      return trans._n('%1 skill', '%1 skills', how);
  }
}

/** Who counted, in words. */
export function sourceLabel(
  snapshot: Pick<IContextSnapshot, 'source' | 'tokenizer'>,
  trans: TranslationBundle
): string {
  switch (snapshot.source) {
    case 'provider':
      return trans.__(
        'Total counted by the provider, parts by %1',
        snapshot.tokenizer
      );
    case 'tokenizer':
      return trans.__('Counted by %1', snapshot.tokenizer);
    case 'estimate':
      return trans.__('Estimated by the number of characters');
  }
}

export function roleLabel(
  role: IContextItem['role'],
  trans: TranslationBundle
): string {
  switch (role) {
    case 'system':
      return trans.__('system');
    case 'user':
      return trans.__('user');
    case 'assistant':
      return trans.__('assistant');
    case 'tool':
      return trans.__('tool');
  }
}

/** Where the words that are looked for stand; without regard to capitals. */
export function matches(content: string, query: string): [number, number][] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') {
    return [];
  }
  const found: [number, number][] = [];
  const text = content.toLowerCase();
  // Some letters are longer when they are small; then the places would not be those of the content.
  const haystack = text.length === content.length ? text : content;
  for (
    let at = haystack.indexOf(wanted);
    at >= 0;
    at = haystack.indexOf(wanted, at + wanted.length)
  ) {
    found.push([at, at + wanted.length]);
  }
  return found;
}

/** Items of a part, or all, that have the words in their title or content. */
export function select(
  items: readonly IContextItem[],
  part: ContextPart | null,
  query: string
): IContextItem[] {
  const searching = query.trim() !== '';
  return items.filter(
    item =>
      (part === null || item.part === part) &&
      (!searching ||
        matches(item.title, query).length > 0 ||
        matches(item.content ?? '', query).length > 0)
  );
}
