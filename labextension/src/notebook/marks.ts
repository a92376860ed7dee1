/** Which cells of a notebook carry changes of agents that nobody has decided about. */
import type { IEdit } from '../api/types';

export type MarkKind = 'added' | 'changed' | 'moved' | 'deleted';

/** A changed cell, as it is marked. */
export interface IMark {
  cellId: string;
  kind: MarkKind;
  /** What was there before the first of the changes; null where there was nothing. */
  before: string | null;
  /** What is there now; null where nothing is. */
  after: string | null;
  language: string | null;
  /** Of a deleted cell: the one that it stands below; null at the top. */
  below: string | null;
  /** The changes that are accepted or taken back with it: ids by turn, the newest turn first. */
  edits: readonly { turnId: string; ids: readonly string[] }[];
}

/** Characters of a text that the server gives of a change; what is longer is cut. */
const SHOWN = 20_000;

/** Whether a text is the one that a change shows, which may be cut. */
function isText(shown: string | null, text: string): boolean {
  if (shown === null) {
    return false;
  }
  return (
    shown === text ||
    (shown.length > SHOWN &&
      text.length > SHOWN &&
      text.startsWith(shown.slice(0, SHOWN)))
  );
}

/**
 * The marks of a notebook: of cells that are as an agent left them. What the user has changed since is the user's.
 *
 * @param edits - all that turns changed in it, in any order.
 * @param cells - the cells that are there now.
 */
export function marksOf(
  edits: readonly IEdit[],
  cells: ReadonlyMap<string, string>
): IMark[] {
  const byCell = new Map<string, IEdit[]>();
  const inOrder = [...edits].sort(
    (one, other) =>
      Date.parse(one.created_at) - Date.parse(other.created_at) ||
      // Ids grow with time.
      (one.id < other.id ? -1 : 1)
  );
  for (const edit of inOrder) {
    const { kind, cell_id } = edit.change;
    if (kind === 'cell' && cell_id && edit.state === 'applied') {
      byCell.set(cell_id, [...(byCell.get(cell_id) ?? []), edit]);
    }
  }
  const marks: IMark[] = [];
  for (const [cellId, all] of byCell) {
    const mark = markOf(cellId, all, cells.get(cellId));
    if (mark) {
      marks.push(mark);
    }
  }
  return marks;
}

function markOf(
  cellId: string,
  edits: readonly IEdit[],
  source: string | undefined
): IMark | null {
  const shown = edits.filter(edit => edit.change.action !== 'outputs');
  const texts = shown.filter(edit => edit.change.action !== 'move');
  const first = texts[0]?.change;
  const last = texts[texts.length - 1]?.change;
  const base = {
    cellId,
    language: shown[0]?.change.language ?? null,
    below: null,
    edits: byTurn(edits)
  };
  if (last?.action === 'delete') {
    // What an agent put there and took away again was never the user's.
    return source === undefined && first?.action !== 'create'
      ? {
          ...base,
          kind: 'deleted',
          before: first!.before,
          after: null,
          below: last.previous_cell ?? null
        }
      : null;
  }
  if (source === undefined || shown.length === 0) {
    return null;
  }
  if (!first || !last) {
    return { ...base, kind: 'moved', before: source, after: source };
  }
  if (!isText(last.after, source)) {
    return null;
  }
  const before = first.action === 'create' ? null : first.before;
  if (before !== null && isText(before, source)) {
    return null;
  }
  return {
    ...base,
    kind: first.action === 'create' ? 'added' : 'changed',
    before,
    after: source
  };
}

function byTurn(edits: readonly IEdit[]): IMark['edits'] {
  const turns = new Map<string, string[]>();
  for (const edit of edits) {
    const ids = turns.get(edit.turn_id) ?? [];
    ids.push(edit.id);
    turns.delete(edit.turn_id);
    turns.set(edit.turn_id, ids);
  }
  return [...turns].map(([turnId, ids]) => ({ turnId, ids })).reverse();
}
