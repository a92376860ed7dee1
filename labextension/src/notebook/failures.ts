/** A button below each cell that shows an error: the agent is asked to fix it. */
import { CodeCell, type Cell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { agentIcon } from '../icons';
import { adorn, button, unadorn } from './adorn';
import { hasError } from './cellCommands';

/** Offers to fix what fails, in every notebook. */
export function offerFixes(options: {
  notebooks: INotebookTracker;
  trans: TranslationBundle;
  fix: (panel: NotebookPanel, cell: Cell) => Promise<void>;
}): void {
  const { notebooks, trans, fix } = options;
  const followed = new WeakSet<Cell>();

  const follow = (panel: NotebookPanel, cell: Cell): void => {
    if (!(cell instanceof CodeCell) || followed.has(cell)) {
      return;
    }
    followed.add(cell);
    let node: HTMLElement | null = null;
    const update = (): void => {
      if (cell.isDisposed) {
        return;
      }
      const failed = hasError(cell);
      if (failed && !node) {
        node = document.createElement('div');
        node.className = 'jp-agent-Fix';
        const fixIt = button(trans.__('Fix with Agent'), () => {
          panel.content.activeCellIndex = panel.content.widgets.indexOf(cell);
          void fix(panel, cell);
        });
        fixIt.title = trans.__('Ask the agent in the chat to fix this error');
        fixIt.prepend(
          agentIcon.element({ tag: 'span', className: 'jp-agent-icon' })
        );
        node.append(fixIt);
        if (!adorn(cell, 'footer', node)) {
          node = null;
        }
      } else if (!failed && node) {
        unadorn(node);
        node = null;
      }
    };
    cell.model.outputs.changed.connect(update);
    void cell.ready.then(update);
  };

  const add = (panel: NotebookPanel): void => {
    const all = (): void => {
      panel.content.widgets.forEach(cell => follow(panel, cell));
    };
    const begin = (): void => {
      all();
      panel.content.model?.cells.changed.connect(all);
    };
    panel.content.modelChanged.connect(begin);
    begin();
  };
  notebooks.forEach(add);
  notebooks.widgetAdded.connect((_, panel) => add(panel));
}
