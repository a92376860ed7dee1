/** Things of this extension above and below cells: in the header and the footer that every cell has for such. */
import type { Cell } from '@jupyterlab/cells';

const USED = 'jp-agent-mod-used';

export type Place = 'header' | 'footer';

/** Marks what stands at cells and is not the notebook's. */
const OWN = 'data-agent-own';
/** What Lumino leaves alone. */
const SUPPRESSED = 'data-lm-suppress-shortcuts';

// In a notebook plain keys are commands: two of them delete the cell. They are none in what is not the notebook's; keys
// like that which saves are. Lumino listens in the document's capture phase, so this has to be said before.
window.addEventListener(
  'keydown',
  ({ target, key, altKey, ctrlKey, metaKey }) => {
    const own = target instanceof Element ? target.closest(`[${OWN}]`) : null;
    if (own) {
      const chord = altKey || ctrlKey || metaKey;
      const writing = (target as Element).matches('input, textarea');
      own.toggleAttribute(
        SUPPRESSED,
        !chord || (writing && key.toLowerCase() !== 's')
      );
    }
  },
  true
);

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
  node.toggleAttribute(OWN, true);
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
