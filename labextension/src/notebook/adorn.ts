/** Things of this extension above and below cells: in the header and the footer that every cell has for such. */
import type { Cell } from '@jupyterlab/cells';

const USED = 'jp-agent-mod-used';

export type Place = 'header' | 'footer';

/**
 * Puts a node above or below a cell that is drawn; gives false where it is not drawn yet.
 *
 * What stands there is not the notebook's: its keys are none of the notebook's shortcuts.
 */
export function adorn(cell: Cell, place: Place, node: HTMLElement): boolean {
  const host = hostOf(cell, place);
  if (!host) {
    return false;
  }
  node.setAttribute('data-lm-suppress-shortcuts', 'true');
  host.classList.add(USED);
  host.append(node);
  return true;
}

/** Takes a node away again. */
export function unadorn(node: HTMLElement): void {
  const host = node.parentElement;
  // Whoever had the cursor in it stays in the cell.
  const cell = node.contains(document.activeElement)
    ? node.closest<HTMLElement>('.jp-Cell')
    : null;
  node.remove();
  if (host?.childElementCount === 0) {
    host.classList.remove(USED);
  }
  cell?.focus();
}

function hostOf(cell: Cell, place: Place): HTMLElement | null {
  if (cell.isDisposed || cell.isPlaceholder()) {
    return null;
  }
  return cell.node.querySelector<HTMLElement>(
    place === 'header' ? ':scope > .jp-CellHeader' : ':scope > .jp-CellFooter'
  );
}

/** A button with a text. */
export function button(
  label: string,
  onClick: () => void,
  className = ''
): HTMLButtonElement {
  const node = document.createElement('button');
  node.type = 'button';
  node.className = `jp-agent-button ${className}`.trim();
  node.textContent = label;
  node.addEventListener('click', onClick);
  return node;
}
