/** What is different between two contexts: pure. */
import type { ContextPart, IContextItem, IContextSnapshot } from '../api/types';
import { PARTS } from './parts';

export interface IPartChange {
  part: ContextPart;
  first: number;
  second: number;
}

/** Something that was sent with other words. */
export interface IItemChange {
  first: IContextItem;
  second: IContextItem;
}

export interface IContextChange {
  parts: readonly IPartChange[];
  /** Sent in the first only. */
  removed: readonly IContextItem[];
  /** Sent in the second only. */
  added: readonly IContextItem[];
  changed: readonly IItemChange[];
  /** How many are the same in both, and their tokens. */
  same: number;
  sameTokens: number;
}

/**
 * Pairs what was sent in two requests: what has the same sum is the same; of the rest, what stands in the same part with
 * the same role and title, by turns, has changed.
 */
export function compareContexts(
  first: Pick<IContextSnapshot, 'tokens' | 'items'>,
  second: Pick<IContextSnapshot, 'tokens' | 'items'>
): IContextChange {
  const parts = PARTS.map(part => ({
    part,
    first: first.tokens[part] ?? 0,
    second: second.tokens[part] ?? 0
  })).filter(one => one.first > 0 || one.second > 0);

  const left = new Map<string, IContextItem[]>();
  for (const item of second.items) {
    left.set(item.sha256, [...(left.get(item.sha256) ?? []), item]);
  }
  const gone: IContextItem[] = [];
  let same = 0;
  let sameTokens = 0;
  const met = new Set<IContextItem>();
  for (const item of first.items) {
    const twin = left.get(item.sha256)?.shift();
    if (twin) {
      met.add(twin);
      same += 1;
      sameTokens += twin.tokens;
    } else {
      gone.push(item);
    }
  }
  const fresh = second.items.filter(item => !met.has(item));
  const changed: IItemChange[] = [];
  const removed: IContextItem[] = [];
  for (const item of gone) {
    const at = fresh.findIndex(
      other =>
        other.part === item.part &&
        other.role === item.role &&
        other.title === item.title &&
        // Messages of a conversation have all one title: another one is not a changed one.
        (item.part !== 'history' || related(item, other))
    );
    if (at >= 0) {
      changed.push({ first: item, second: fresh.splice(at, 1)[0]! });
    } else {
      removed.push(item);
    }
  }
  return { parts, removed, added: fresh, changed, same, sameTokens };
}

/** Whether one message may have been made of the other: they begin or end alike. */
function related(one: IContextItem, other: IContextItem): boolean {
  const a = one.content ?? '';
  const b = other.content ?? '';
  const enough = Math.max(8, Math.floor(Math.min(a.length, b.length) / 4));
  return (
    a.slice(0, enough) === b.slice(0, enough) ||
    (a.length >= enough &&
      b.length >= enough &&
      a.slice(-enough) === b.slice(-enough))
  );
}
