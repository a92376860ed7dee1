/** Puts code of an answer into the user's work. */
import {
  Notification,
  type ISessionContextDialogs
} from '@jupyterlab/apputils';
import type * as nbformat from '@jupyterlab/nbformat';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { ownStep } from '../live/texts';
import { asCell, kernelFor, type CellKind } from './blocks';
import { kernelLanguage } from './text';
import type { EditorPanel, Workspace } from './workspace';

/** Milliseconds that what was done is shown, with the button to undo it. */
const SHOWN = 6_000;

/** Tells what was done; `undo` gives whether it could be. */
function done(work: Workspace, message: string, undo?: () => boolean): void {
  const { trans } = work;
  Notification.success(message, {
    autoClose: SHOWN,
    actions: undo
      ? [
          {
            label: trans.__('Undo'),
            caption: trans.__('Put it back as it was'),
            callback: () => {
              if (!undo()) {
                Notification.warning(
                  trans.__('It was changed since, so it stays.'),
                  { autoClose: SHOWN }
                );
              }
            }
          }
        ]
      : []
  });
}

/** The current notebook; the Error says why nothing can be put into it. */
function writable(work: Workspace): NotebookPanel {
  const { notebook, trans } = work;
  if (!notebook?.content.model) {
    throw new Error(trans.__('Open a notebook first.'));
  }
  if (notebook.content.model.readOnly) {
    throw new Error(
      trans.__('The notebook cannot be changed: it is read-only.')
    );
  }
  return notebook;
}

function languageOf(work: Workspace, panel: NotebookPanel): string {
  const metadata = panel.content.model?.sharedModel.getMetadata() ?? {};
  return (
    kernelLanguage(metadata, name => work.kernelLanguage(name)) ||
    work.kernelLanguage(panel.sessionContext.session?.kernel?.name) ||
    panel.sessionContext.kernelPreference.language ||
    'python'
  );
}

function newCell(
  kind: CellKind,
  source: string
): Partial<nbformat.ICell> & { cell_type: CellKind } {
  return {
    cell_type: kind,
    source,
    // The user put it there.
    metadata: kind === 'code' ? { trusted: true } : {}
  };
}

/** A cell with the code below the active one, which becomes the active cell. Gives its id. */
async function addBelow(
  work: Workspace,
  panel: NotebookPanel,
  code: string,
  language: string | null
): Promise<string> {
  const { content } = panel;
  const { sharedModel } = content.model!;
  const { kind, source } = asCell(code, language, languageOf(work, panel));
  const index = content.activeCell ? content.activeCellIndex + 1 : 0;
  ownStep(sharedModel);
  const cell = sharedModel.insertCell(index, newCell(kind, source));
  ownStep(sharedModel);
  content.activeCellIndex = index;
  content.deselectAll();
  content.mode = 'command';
  work.show(panel);
  await content.scrollToItem(index, 'smart');
  return cell.getId();
}

/** Takes the cell away where it still has what was put there. */
function removeCell(panel: NotebookPanel, id: string, source: string): boolean {
  const model = panel.isDisposed ? null : panel.content.model;
  const cells = model?.sharedModel.cells ?? [];
  const index = cells.findIndex(cell => cell.getId() === id);
  if (!model || index === -1 || cells[index]!.getSource() !== source) {
    return false;
  }
  model.sharedModel.deleteCell(index);
  return true;
}

function sourceOf(panel: NotebookPanel, id: string): string {
  return (
    panel.content.model?.sharedModel.cells
      .find(cell => cell.getId() === id)
      ?.getSource() ?? ''
  );
}

/** Inserts below the active cell, or at the cursor where a file is edited. */
export async function insert(
  work: Workspace,
  code: string,
  language: string | null
): Promise<void> {
  const { current, trans } = work;
  if (current && 'editor' in current) {
    insertAtCursor(work, current.editor, code);
    return;
  }
  const panel = writable(work);
  const id = await addBelow(work, panel, code, language);
  const source = sourceOf(panel, id);
  done(
    work,
    trans.__(
      'Inserted as cell %1 of %2.',
      panel.content.activeCellIndex + 1,
      panel.title.label
    ),
    () => removeCell(panel, id, source)
  );
}

function insertAtCursor(
  work: Workspace,
  panel: EditorPanel,
  code: string
): void {
  const { trans } = work;
  if (panel.context.model.readOnly) {
    throw new Error(trans.__('The file cannot be changed: it is read-only.'));
  }
  const { editor } = panel.content;
  const { sharedModel } = editor.model;
  const { start, end } = editor.getSelection();
  const [from, to] = [editor.getOffsetAt(start), editor.getOffsetAt(end)].sort(
    (a, b) => a - b
  ) as [number, number];
  const before = sharedModel.getSource();
  const text = code.replace(/\s+$/, '');
  // A block is lines of its own: it does not run into what stands on the line.
  const head =
    from === 0 ||
    before[from - 1] === '\n' ||
    !/\S/.test(lineBefore(before, from))
      ? ''
      : '\n';
  const tail = to === before.length || before[to] === '\n' ? '' : '\n';
  const inserted = head + text + tail;
  ownStep(sharedModel);
  sharedModel.updateSource(from, to, inserted);
  ownStep(sharedModel);
  const after = sharedModel.getSource();
  const position = editor.getPositionAt(from + inserted.length);
  work.show(panel);
  if (position) {
    editor.setCursorPosition(position);
    editor.revealPosition(position);
  }
  editor.focus();
  done(work, trans.__('Inserted into %1.', panel.title.label), () => {
    if (panel.isDisposed || sharedModel.getSource() !== after) {
      return false;
    }
    sharedModel.updateSource(
      from,
      from + inserted.length,
      before.slice(from, to)
    );
    return true;
  });
}

function lineBefore(text: string, offset: number): string {
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
}

/** Puts the code in the place of the active cell's. */
export async function replace(
  work: Workspace,
  code: string,
  language: string | null
): Promise<void> {
  const { trans } = work;
  const panel = writable(work);
  const { content } = panel;
  const active = content.activeCell;
  if (!active) {
    throw new Error(trans.__('The notebook has no cell to replace.'));
  }
  if (active.model.getMetadata('editable') === false) {
    throw new Error(trans.__('The cell cannot be changed: it is read-only.'));
  }
  const { sharedModel } = content.model!;
  const index = content.activeCellIndex;
  const shared = sharedModel.getCell(index);
  const before = shared.toJSON();
  const { kind, source } = asCell(code, language, languageOf(work, panel));
  const id = shared.getId();
  if (kind === shared.cell_type) {
    ownStep(shared);
    shared.transact(() => shared.setSource(source));
    ownStep(shared);
  } else {
    swap(panel, index, { ...newCell(kind, source), id });
  }
  content.activeCellIndex = index;
  content.deselectAll();
  work.show(panel);
  await content.scrollToItem(index, 'smart');
  const cell = content.widgets[index];
  await cell?.ready;
  if (kind === before.cell_type) {
    // In the editor, Ctrl-Z brings it back.
    content.mode = 'edit';
    cell?.editor?.focus();
  } else {
    content.mode = 'command';
  }
  done(
    work,
    trans.__('Replaced cell %1 of %2.', index + 1, panel.title.label),
    () => {
      if (panel.isDisposed || sourceOf(panel, id) !== source) {
        return false;
      }
      const now = sharedModel.cells.findIndex(other => other.getId() === id);
      const there = sharedModel.getCell(now);
      if (there.cell_type === before.cell_type) {
        there.transact(() => there.setSource(String(before.source)));
      } else {
        swap(panel, now, before);
      }
      return true;
    }
  );
}

/** Another cell in the place of one: its kind cannot change. One step for who undoes it. */
function swap(
  panel: NotebookPanel,
  index: number,
  cell: Partial<nbformat.ICell> & { cell_type: string }
): void {
  const { sharedModel } = panel.content.model!;
  ownStep(sharedModel);
  sharedModel.transact(() => {
    sharedModel.deleteCell(index);
    sharedModel.insertCell(index, cell);
  });
  ownStep(sharedModel);
}

/** Inserts below the active cell and runs it; what comes of it is seen in the notebook. */
export async function run(
  work: Workspace,
  code: string,
  language: string | null,
  dialogs: ISessionContextDialogs | null
): Promise<void> {
  const { trans } = work;
  const panel = writable(work);
  const id = await addBelow(work, panel, code, language);
  const { content, sessionContext } = panel;
  const cell = content.widgets.find(widget => widget.model.id === id);
  if (!cell) {
    return;
  }
  done(
    work,
    trans.__(
      'Cell %1 of %2 runs.',
      content.widgets.indexOf(cell) + 1,
      panel.title.label
    )
  );
  // What is run before the kernel is there is not run at all.
  await sessionContext.ready;
  await NotebookActions.runCells(
    content,
    [cell],
    sessionContext,
    dialogs ?? undefined
  );
  if (!cell.isDisposed) {
    await content.scrollToItem(content.widgets.indexOf(cell), 'smart');
  }
}

/** A notebook of its own for the code, with a kernel of its language where there is one. */
export async function newNotebook(
  work: Workspace,
  code: string,
  language: string | null
): Promise<void> {
  const { trans, contents } = work;
  const { docManager, services } = work.options;
  if (!docManager) {
    throw new Error(trans.__('Notebooks cannot be opened here.'));
  }
  await services.kernelspecs.ready;
  const specs = services.kernelspecs.specs;
  const kernel = kernelFor(
    language,
    Object.values(specs?.kernelspecs ?? {}).flatMap(spec =>
      spec
        ? [
            {
              name: spec.name,
              displayName: spec.display_name,
              language: spec.language
            }
          ]
        : []
    ),
    specs?.default ?? ''
  );
  const { kind, source } = asCell(code, language, kernel?.language ?? '');
  const model = await contents.newUntitled({
    path: work.folder,
    type: 'notebook'
  });
  // Written before it is opened: in Jupyter Notebook that is in another tab of the browser.
  const content: nbformat.INotebookContent = {
    cells: [
      {
        ...newCell(kind, source),
        id: crypto.randomUUID(),
        metadata: {},
        ...(kind === 'code' ? { execution_count: null, outputs: [] } : {})
      } as nbformat.ICell
    ],
    metadata: kernel
      ? {
          kernelspec: {
            name: kernel.name,
            display_name: kernel.displayName,
            language: kernel.language
          }
        }
      : {},
    nbformat: 4,
    nbformat_minor: 5
  };
  await contents.save(model.path, {
    type: 'notebook',
    format: 'json',
    content
  });
  const panel = docManager.openOrReveal(
    model.path,
    undefined,
    kernel ? { name: kernel.name } : undefined
  );
  await panel?.revealed;
  done(
    work,
    kernel
      ? trans.__('Made %1 with the kernel %2.', model.name, kernel.displayName)
      : trans.__('Made %1.', model.name)
  );
}
