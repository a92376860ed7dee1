/** What is said about changes that are taken back. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ApiError } from '../api/errors';
import { list } from '../api/read';
import type { ICheckpoint, IEdit, IUndoConflict } from '../api/types';

/** Why changes were not taken back, where that is the reason. */
export function conflictsOf(error: unknown): readonly IUndoConflict[] {
  return error instanceof ApiError && error.status === 409
    ? list<IUndoConflict>(error.details.conflicts)
    : [];
}

export function conflictText(
  conflict: IUndoConflict,
  trans: TranslationBundle
): string {
  const { message, path } = conflict;
  return message.includes(path) ? message : trans.__('%1: %2', path, message);
}

/** How many cells and files were changed: `2 cells, 1 file`. */
export function amount(
  edits: readonly IEdit[],
  trans: TranslationBundle
): string {
  const of = (kind: 'cell' | 'file') =>
    new Set(
      edits
        .map(edit => edit.change)
        .filter(change => change.kind === kind)
        .map(change => `${change.path} ${change.cell_id ?? ''}`)
    ).size;
  const cells = of('cell');
  const files = of('file');
  return [
    cells > 0 ? trans._n('%1 cell', '%1 cells', cells) : null,
    files > 0 ? trans._n('%1 file', '%1 files', files) : null
  ]
    .filter(part => part !== null)
    .join(', ');
}

/** The states of a turn's edits, by id. */
export function statesOf(
  checkpoint: ICheckpoint | null
): ReadonlyMap<string, IEdit['state']> {
  return new Map(checkpoint?.edits.map(edit => [edit.id, edit.state]));
}
