/** Edits the active cell with a prompt. */
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ownStep, setText } from '../live/texts';
import type { IAgentClient } from '../tokens';
import { adorn, unadorn } from './adorn';
import { drawCellEdit } from './editing';
import { liveCell, outputsText } from './text';
import type { Workspace } from './workspace';

/** Characters of other cells, and of the cell's own outputs, that the model is told. */
const CONTEXT = 12_000;
const OUTPUTS = 4_000;

/** Forms that are open, by their cell. */
const open = new WeakMap<Cell, HTMLElement>();

/** Shows the form above a cell and puts the cursor into it. */
export async function editWithPrompt(
  work: Workspace,
  client: IAgentClient,
  panel: NotebookPanel,
  cell: Cell
): Promise<void> {
  const { trans } = work;
  const there = open.get(cell);
  if (there?.isConnected) {
    there.querySelector<HTMLElement>('textarea')?.focus();
    return;
  }
  if (
    panel.content.model?.readOnly ||
    cell.model.getMetadata('editable') === false
  ) {
    throw new Error(trans.__('The cell cannot be changed: it is read-only.'));
  }
  await cell.ready;
  const { sharedModel } = cell.model;
  const node = document.createElement('div');
  node.className = 'jp-agent-CellEdit-place';
  if (!adorn(cell, 'header', node)) {
    throw new Error(trans.__('The cell is not there any more.'));
  }
  open.set(cell, node);
  const language = languageOf(work, panel, cell);
  let undraw = (): void => undefined;
  const close = (): void => {
    open.delete(cell);
    unadorn(node);
    setTimeout(undraw);
  };
  cell.disposed.connect(close);
  undraw = drawCellEdit(node, {
    trans,
    language,
    source: () => sharedModel.getSource(),
    ask: async (instruction, signal) => {
      const { source } = await client.editCode(
        {
          instruction,
          source: sharedModel.getSource(),
          language,
          context: contextOf(panel, cell)
        },
        signal
      );
      return source;
    },
    land: source => {
      ownStep(sharedModel);
      sharedModel.transact(() => setText(sharedModel, source));
      ownStep(sharedModel);
      // In the editor, Ctrl-Z brings it back.
      setTimeout(() => {
        panel.content.activeCellIndex = panel.content.widgets.indexOf(cell);
        panel.content.mode = 'edit';
        cell.editor?.focus();
      });
    },
    close
  });
}

function languageOf(work: Workspace, panel: NotebookPanel, cell: Cell): string {
  if (cell.model.type !== 'code') {
    return cell.model.type === 'markdown' ? 'markdown' : '';
  }
  const metadata = panel.content.model?.sharedModel.getMetadata();
  return (
    metadata?.language_info?.name ??
    (work.kernelLanguage(panel.sessionContext.session?.kernel?.name) ||
      'python')
  );
}

/** The cells before it, the nearest of them whole, and what the cell has put out. */
function contextOf(panel: NotebookPanel, cell: Cell): string {
  const cells = panel.content.model?.sharedModel.cells ?? [];
  const index = cells.findIndex(other => other.getId() === cell.model.id);
  const before: string[] = [];
  let left = CONTEXT;
  for (let at = index - 1; at >= 0 && left > 0; at--) {
    const source = cells[at]!.getSource();
    if (source.trim()) {
      const text = source.slice(-left);
      left -= text.length;
      before.unshift(text);
    }
  }
  const own = cells[index];
  const outputs =
    own?.cell_type === 'code'
      ? outputsText(liveCell(own, index).outputs, OUTPUTS)
      : '';
  return [
    before.length > 0 ? `Cells before it:\n\n${before.join('\n\n')}` : '',
    outputs ? `What the cell put out:\n\n${outputs}` : ''
  ]
    .filter(Boolean)
    .join('\n\n');
}
