/** When the box offers something, and what of it fits what was typed. Pure: no DOM, no Jupyter. */

/** What is being typed that the menu completes. */
export interface ITrigger {
  kind: 'context' | 'command';
  /** Place of the `@` or the `/`. */
  start: number;
  /** Place after what was typed of it. */
  end: number;
  query: string;
}

/** A longer word is no search any more. */
const MAX_QUERY = 80;

/** What stands at the cursor: `@` after a space, or `/` at the very start. Null where the menu has nothing to do. */
export function triggerAt(text: string, caret: number): ITrigger | null {
  const before = text.slice(0, caret);
  const command = /^\/([A-Za-z0-9-]*)$/.exec(before);
  if (command) {
    return { kind: 'command', start: 0, end: caret, query: command[1]! };
  }
  const context = /(?:^|\s)@([^\s@]*)$/.exec(before);
  if (!context || context[1]!.length > MAX_QUERY) {
    return null;
  }
  const query = context[1]!;
  return {
    kind: 'context',
    start: caret - query.length - 1,
    end: caret,
    query
  };
}

/** The text without what was typed for the menu, and where the cursor is then. */
export function withoutTrigger(
  text: string,
  trigger: ITrigger
): { text: string; caret: number } {
  const before = text.slice(0, trigger.start);
  const after = text.slice(trigger.end);
  // Between two words one space stays.
  const rest = /\s$/.test(before) ? after.replace(/^ /, '') : after;
  return { text: before + rest, caret: before.length };
}

/** How well a name fits: 0 not at all, else the more the better. */
export function fit(query: string, name: string): number {
  const needle = query.toLowerCase();
  const hay = name.toLowerCase();
  if (needle === '') {
    return 1;
  }
  if (hay === needle) {
    return 5;
  }
  if (hay.startsWith(needle)) {
    return 4;
  }
  const at = hay.indexOf(needle);
  if (at > 0) {
    return /[\s/_.:-]/.test(hay[at - 1]!) ? 3 : 2;
  }
  return 0;
}

/** Those that fit, the best first; of equal ones the order stays. */
export function best<T>(
  items: readonly T[],
  query: string,
  names: (item: T) => readonly string[]
): T[] {
  return items
    .map((item, at) => ({
      item,
      at,
      score: Math.max(
        0,
        // What stands first counts more than what stands later.
        ...names(item).map((name, rank) => fit(query, name) * 10 - rank)
      )
    }))
    .filter(entry => entry.score > 0)
    .sort((one, other) => other.score - one.score || one.at - other.at)
    .map(entry => entry.item);
}

/** The next place in a list of so many, around its ends. -1 where the list is empty. */
export function step(at: number, by: number, count: number): number {
  return count === 0 ? -1 : (at + by + count) % count;
}
