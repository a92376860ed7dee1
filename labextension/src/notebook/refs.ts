/** References to what can be attached, as the chips of a message name it. */
import { PathExt } from '@jupyterlab/coreutils';
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IContextRef } from '../tokens';
import type { ISelection, Workspace } from './workspace';

export const SourceIDs = {
  notebook: 'notebook',
  cell: 'cell',
  selection: 'selection',
  file: 'file'
} as const;

/** What of a selection a draft can keep. The rest is cut when it is read. */
const KEPT = 20_000;

export function isNotebook(path: string): boolean {
  return PathExt.extname(path).toLowerCase() === '.ipynb';
}

export function fileRef(work: Workspace, path: string): IContextRef {
  const name = PathExt.basename(work.contents.localPath(path));
  return isNotebook(path)
    ? { source: SourceIDs.notebook, kind: 'notebook', name, path }
    : { source: SourceIDs.file, kind: 'file', name, path };
}

export function cellRef(
  work: Workspace,
  panel: NotebookPanel,
  cell: Cell
): IContextRef {
  const number = panel.content.widgets.indexOf(cell) + 1;
  return {
    source: SourceIDs.cell,
    kind: 'cell',
    name: work.trans.__('Cell %1', number),
    path: panel.context.path,
    cellId: cell.model.id
  };
}

export function selectionRef(
  work: Workspace,
  selection: ISelection
): IContextRef {
  const { trans } = work;
  const { path, cell, from, to, text, language } = selection;
  const place = cell
    ? trans.__('Cell %1', cell.number)
    : PathExt.basename(work.contents.localPath(path));
  const name =
    from === to
      ? trans.__('%1, line %2', place, from)
      : trans.__('%1, lines %2–%3', place, from, to);
  return {
    source: SourceIDs.selection,
    kind: 'selection',
    name,
    path,
    ...(cell ? { cellId: cell.id } : {}),
    data: {
      text: text.slice(0, KEPT),
      length: text.length,
      from,
      to,
      language
    }
  };
}
