/** Reads what was attached, at the time it is sent, and shows it. */
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import type * as nbformat from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ServerConnection, type Contents } from '@jupyterlab/services';
import type { IContextPart } from '../api/types';
import type { IContextRef } from '../tokens';
import {
  cellText,
  cutMiddle,
  FILE_BUDGET,
  kernelLanguage,
  liveCells,
  notebookText,
  SELECTION_BUDGET,
  storedCells,
  type ICellText
} from './text';
import type { Workspace } from './workspace';

/** Bytes of a file that is read as a whole to be cut: more would stop the page for a while. */
const LARGEST = 32 * 1024 * 1024;

function pathOf(work: Workspace, ref: IContextRef): string {
  if (!ref.path) {
    throw new Error(
      work.trans.__('%1 has no place to be read from.', ref.name)
    );
  }
  return ref.path;
}

function part(
  work: Workspace,
  ref: IContextRef,
  text: string,
  metadata: Record<string, unknown> = {},
  name = ref.name
): IContextPart {
  return {
    type: 'context',
    kind: ref.kind,
    name,
    text,
    path: ref.path ? work.serverPath(ref.path) : null,
    cell_id: ref.cellId ?? null,
    metadata
  };
}

/** What the server says is not there, or may not be read, in words. */
function unreadable(work: Workspace, ref: IContextRef, error: unknown): Error {
  const { trans } = work;
  if (error instanceof ServerConnection.ResponseError) {
    switch (error.response.status) {
      case 404:
        return new Error(trans.__('%1 is not there any more.', ref.name));
      case 403:
        return new Error(trans.__('%1 may not be read.', ref.name));
      case 400:
        return new Error(
          trans.__('%1 is not text, so it cannot be attached.', ref.name)
        );
    }
  }
  return new Error(
    trans.__(
      '%1 could not be read: %2',
      ref.name,
      error instanceof Error ? error.message : String(error)
    )
  );
}

async function get(
  work: Workspace,
  ref: IContextRef,
  options: Contents.IFetchOptions
): Promise<Contents.IModel> {
  try {
    return await work.contents.get(pathOf(work, ref), options);
  } catch (error) {
    throw unreadable(work, ref, error);
  }
}

interface IReadNotebook {
  cells: ICellText[];
  kernel: string;
  language: string;
  unsaved: boolean;
  activeId?: string;
}

function kernelName(metadata: nbformat.INotebookMetadata): string {
  const spec = metadata.kernelspec;
  return spec?.display_name ?? spec?.name ?? '';
}

async function openOrStored(
  work: Workspace,
  ref: IContextRef
): Promise<IReadNotebook> {
  const panel = work.findNotebook(pathOf(work, ref));
  const model = panel?.content.model;
  const ofKernel = (name: string): string => work.kernelLanguage(name);
  if (panel && model) {
    const metadata = model.sharedModel.getMetadata();
    return {
      cells: liveCells(model.sharedModel),
      kernel: kernelName(metadata) || panel.sessionContext.kernelDisplayName,
      language: kernelLanguage(metadata, ofKernel),
      unsaved: model.dirty,
      activeId:
        panel === work.notebook ? panel.content.activeCell?.model.id : undefined
    };
  }
  const stored = await get(work, ref, { type: 'notebook', content: true });
  const content = stored.content as nbformat.INotebookContent;
  return {
    cells: storedCells(content),
    kernel: kernelName(content.metadata),
    language: kernelLanguage(content.metadata, ofKernel),
    unsaved: false
  };
}

export async function readNotebook(
  work: Workspace,
  ref: IContextRef
): Promise<IContextPart> {
  const notebook = await openOrStored(work, ref);
  const path = work.serverPath(pathOf(work, ref));
  return part(work, ref, notebookText({ path, ...notebook }), {
    language: notebook.language,
    cells: notebook.cells.length,
    unsaved: notebook.unsaved
  });
}

export async function readCell(
  work: Workspace,
  ref: IContextRef
): Promise<IContextPart> {
  const { cells, language } = await openOrStored(work, ref);
  const cell = cells.find(candidate => candidate.id === ref.cellId);
  if (!cell) {
    throw new Error(
      work.trans.__(
        '%1 is not in %2 any more.',
        ref.name,
        work.serverPath(pathOf(work, ref))
      )
    );
  }
  return part(
    work,
    ref,
    cellText(cell),
    { language, number: cell.number, cell_type: cell.kind },
    // Cells that were put in above it have moved it since.
    work.trans.__('Cell %1', cell.number)
  );
}

export function readSelection(
  work: Workspace,
  ref: IContextRef
): Promise<IContextPart> {
  const { text, length, from, to, language } = ref.data ?? {};
  if (typeof text !== 'string') {
    return Promise.reject(
      new Error(work.trans.__('%1 was not kept; select it again.', ref.name))
    );
  }
  // The draft keeps the head of what is very long.
  const cut =
    typeof length === 'number' && length > text.length
      ? `${text.slice(0, SELECTION_BUDGET)}\n[… ${(length - Math.min(text.length, SELECTION_BUDGET)).toLocaleString('en')} characters left out …]`
      : cutMiddle(text, SELECTION_BUDGET);
  return Promise.resolve(part(work, ref, cut, { from, to, language }));
}

export async function readFile(
  work: Workspace,
  ref: IContextRef
): Promise<IContextPart> {
  const { trans } = work;
  const path = pathOf(work, ref);
  const context = work.findContext(path);
  // Those of files are text; notebooks are read as such, and what a viewer shows may be a picture.
  if (context?.isReady && context.contentsModel?.format === 'text') {
    const text = context.model.toString();
    return part(work, ref, fileText(work, ref, text), {
      characters: text.length,
      unsaved: context.model.dirty
    });
  }
  const about = await get(work, ref, { content: false });
  if (about.type === 'directory') {
    throw new Error(trans.__('%1 is a folder; attach files of it.', ref.name));
  }
  if (about.type === 'notebook') {
    return readNotebook(work, ref);
  }
  if (about.mimetype?.startsWith('image/')) {
    throw new Error(
      trans.__(
        '%1 is a picture: paste it into the box, or drop it there.',
        ref.name
      )
    );
  }
  if ((about.size ?? 0) > LARGEST) {
    throw new Error(
      trans.__(
        '%1 is too large to attach (%2 MB).',
        ref.name,
        Math.round((about.size ?? 0) / 1024 / 1024)
      )
    );
  }
  const stored = await get(work, ref, {
    type: 'file',
    format: 'text',
    content: true
  });
  const text = stored.content as string;
  return part(work, ref, fileText(work, ref, text), {
    characters: text.length,
    mimetype: stored.mimetype ?? ''
  });
}

function fileText(work: Workspace, ref: IContextRef, text: string): string {
  if (text.includes('\0')) {
    throw new Error(
      work.trans.__('%1 is not text, so it cannot be attached.', ref.name)
    );
  }
  return cutMiddle(text, FILE_BUDGET, 0.8);
}

/** Opens the document, or brings it to the front. Nothing where it is opened in another tab of the browser. */
async function open(
  work: Workspace,
  ref: IContextRef
): Promise<IDocumentWidget | null> {
  const path = pathOf(work, ref);
  const { docManager } = work.options;
  const notebook = work.findNotebook(path);
  if (notebook) {
    work.show(notebook);
    return notebook;
  }
  if (!docManager) {
    throw new Error(work.trans.__('%1 cannot be opened here.', ref.name));
  }
  if (!docManager.findWidget(path, null)) {
    // What is not there any more would give a dialog of its own.
    await get(work, ref, { content: false });
  }
  const widget = docManager.openOrReveal(path);
  if (!widget) {
    return null;
  }
  await widget.revealed;
  return widget;
}

export async function revealDocument(
  work: Workspace,
  ref: IContextRef
): Promise<void> {
  await open(work, ref);
}

/** Shows the cell of the reference and makes it the active one. */
export async function revealCell(
  work: Workspace,
  ref: IContextRef
): Promise<void> {
  await toCell(work, ref);
}

async function toCell(
  work: Workspace,
  ref: IContextRef
): Promise<NotebookPanel | null> {
  await open(work, ref);
  const panel = work.findNotebook(pathOf(work, ref));
  if (!panel) {
    return null;
  }
  const index = panel.content.widgets.findIndex(
    cell => cell.model.id === ref.cellId
  );
  if (index === -1) {
    throw new Error(work.trans.__('%1 is not there any more.', ref.name));
  }
  panel.content.activeCellIndex = index;
  panel.content.deselectAll();
  await panel.content.scrollToItem(index, 'smart');
  return panel;
}

export async function revealSelection(
  work: Workspace,
  ref: IContextRef
): Promise<void> {
  const from = Number(ref.data?.from ?? 1) - 1;
  const to = Number(ref.data?.to ?? from + 1) - 1;
  const text = typeof ref.data?.text === 'string' ? ref.data.text : '';
  let editor;
  if (ref.cellId) {
    const panel = await toCell(work, ref);
    const cell = panel?.content.activeCell;
    await cell?.ready;
    if (panel) {
      panel.content.mode = 'edit';
    }
    editor = cell?.editor;
  } else {
    await open(work, ref);
    const path = pathOf(work, ref);
    editor =
      work.editor?.context.path === path ? work.editor.content.editor : null;
  }
  if (!editor) {
    return;
  }
  // The text itself where it still stands, else the lines where it stood.
  const source = editor.model.sharedModel.getSource();
  const near = editor.getOffsetAt({
    line: Math.min(from, editor.lineCount - 1),
    column: 0
  });
  const at = text
    ? [source.indexOf(text, near), source.indexOf(text)].find(
        index => index !== -1
      )
    : undefined;
  const last = Math.min(to, editor.lineCount - 1);
  const range =
    at === undefined
      ? {
          start: { line: Math.min(from, last), column: 0 },
          end: { line: last, column: editor.getLine(last)?.length ?? 0 }
        }
      : {
          start: editor.getPositionAt(at)!,
          end: editor.getPositionAt(at + text.length)!
        };
  editor.setSelection(range);
  editor.revealSelection(range);
  editor.focus();
}
