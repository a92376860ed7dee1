/** What the user looks at stays where it is while cells come and go above it. */
import type { NotebookPanel } from '@jupyterlab/notebook';

/**
 * Remembers where the user is in a notebook.
 *
 * @returns a function that brings them back there: the same cell is active, its editor has the cursor where it had it,
 * and the first cell on the screen stands where it stood.
 */
export function keepPlace(panel: NotebookPanel): () => void {
  const { content } = panel;
  const { activeCell, mode, outerNode } = content;
  const id = activeCell?.model.id;
  const focused =
    document.activeElement && content.node.contains(document.activeElement)
      ? document.activeElement
      : null;
  const inEditor = focused !== null && activeCell?.editor?.hasFocus() === true;
  const selections = inEditor ? activeCell?.editor?.getSelections() : undefined;
  const top = outerNode.getBoundingClientRect().top;
  const first = content.widgets.find(
    cell =>
      cell.isAttached && cell.node.getBoundingClientRect().bottom > top + 1
  );
  const offset = first && first.node.getBoundingClientRect().top;
  const firstId = first?.model.id;

  const settle = (): void => {
    const cell = content.widgets.find(widget => widget.model.id === firstId);
    if (!cell?.isAttached || offset === undefined || panel.isDisposed) {
      return;
    }
    const moved = cell.node.getBoundingClientRect().top - offset;
    if (Math.abs(moved) > 1) {
      outerNode.scrollTop += moved;
    }
  };

  return () => {
    if (panel.isDisposed) {
      return;
    }
    const index = content.widgets.findIndex(widget => widget.model.id === id);
    if (index !== -1 && content.activeCellIndex !== index) {
      content.activeCellIndex = index;
    }
    const cell = content.activeCell;
    if (
      index !== -1 &&
      inEditor &&
      cell &&
      cell !== activeCell &&
      cell.model.id === id
    ) {
      // Moved: it is another widget for the same cell.
      void cell.ready.then(() => {
        if (cell.isDisposed || !cell.editor) {
          return;
        }
        content.mode = mode;
        cell.editor.focus();
        if (selections) {
          cell.editor.setSelections(selections);
        }
      });
    }
    // New cells have their height when they are drawn.
    settle();
    requestAnimationFrame(settle);
  };
}
