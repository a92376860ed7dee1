/** What the user looks at stays where it is while cells come and go above it. */
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';

/** Milliseconds until the heights of cells that came are settled: where only those near the screen are drawn, JupyterLab guesses them first. */
const SETTLES = 600;

/**
 * Remembers where the user is in a notebook.
 *
 * @returns a function that brings them back there: the same cell is active, its editor has the cursor where it had it,
 * and the cell that they write in, else the first one on the screen, stands where it stood.
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
  const { top, bottom } = outerNode.getBoundingClientRect();
  const isSeen = (cell: Cell): boolean => {
    const box = cell.node.getBoundingClientRect();
    return cell.isAttached && box.bottom > top + 1 && box.top < bottom - 1;
  };
  const first =
    inEditor && activeCell && isSeen(activeCell)
      ? activeCell
      : content.widgets.find(isSeen);
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

  /** Whoever scrolls meanwhile is not held back. */
  const settleUntilStill = (): void => {
    const until = performance.now() + SETTLES;
    const stop = new AbortController();
    for (const type of ['wheel', 'touchmove', 'pointerdown']) {
      outerNode.addEventListener(type, () => stop.abort(), {
        passive: true,
        signal: stop.signal
      });
    }
    const step = (): void => {
      if (stop.signal.aborted || panel.isDisposed) {
        return;
      }
      settle();
      if (performance.now() < until) {
        requestAnimationFrame(step);
      } else {
        stop.abort();
      }
    };
    step();
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
    settleUntilStill();
  };
}
