/** Small helpers for elements. */

const ICONS = {
  send: 'M3 13.5 13.5 8 3 2.5v4.2L9 8l-6 1.3z',
  stop: 'M4 4h8v8H4z',
  new: 'M8 3v10M3 8h10',
  copy: 'M6 6h7v7H6zM3 10V3h7',
  rename: 'm3 13 .6-2.8L11 2.8 13.2 5l-7.4 7.4z',
  archive: 'M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.5h3',
  delete: 'M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5 5 13h6l.5-8.5'
};

const FILLED: readonly string[] = ['send', 'stop'];

export type Icon = keyof typeof ICONS;

export function icon(name: Icon): SVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', FILLED.includes(name) ? 'jaw-filled' : 'jaw-line');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon, whose label is read and shown as a tip. */
export function button(
  label: string,
  name: Icon,
  onClick: () => void
): HTMLButtonElement {
  const node = document.createElement('button');
  node.type = 'button';
  node.className = 'jaw-icon';
  node.title = label;
  node.setAttribute('aria-label', label);
  node.append(icon(name));
  node.addEventListener('click', onClick);
  return node;
}

/** A button with words. */
export function action(label: string, onClick: () => void): HTMLButtonElement {
  const node = document.createElement('button');
  node.type = 'button';
  node.className = 'jaw-action';
  node.textContent = label;
  node.addEventListener('click', onClick);
  return node;
}

export function div(className: string, text = ''): HTMLDivElement {
  const node = document.createElement('div');
  node.className = className;
  node.textContent = text;
  return node;
}

export function span(className: string, text = ''): HTMLSpanElement {
  const node = document.createElement('span');
  node.className = className;
  node.textContent = text;
  return node;
}

/** Sets text only where it changes: a live region reads what is set. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/**
 * Keeps what is typed here from the notebook: in JupyterLab, Notebook and VS Code a letter, Enter or Escape in a cell's
 * output can be a command.
 */
export function keepKeys(node: HTMLElement): void {
  // Lumino finds this attribute and leaves the keys alone.
  node.setAttribute('data-lm-suppress-shortcuts', 'true');
  for (const type of ['keydown', 'keypress', 'keyup']) {
    node.addEventListener(type, event => event.stopPropagation());
  }
}

/** Draws once a frame however often it is asked to; also where the tab is hidden and no frame comes. */
export function scheduler(draw: () => void): {
  ask: () => void;
  cancel: () => void;
} {
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = 0;
    timer = undefined;
  };
  return {
    cancel,
    ask: () => {
      if (timer === undefined) {
        const run = () => {
          cancel();
          draw();
        };
        frame = requestAnimationFrame(run);
        timer = setTimeout(run, 200);
      }
    }
  };
}
