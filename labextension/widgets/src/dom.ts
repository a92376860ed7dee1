/** Small helpers for elements. */

const ICONS = {
  send: 'M3 13.5 13.5 8 3 2.5v4.2L9 8l-6 1.3z',
  stop: 'M4 4h8v8H4z',
  new: 'M8 3v10M3 8h10',
  copy: 'M6 6h7v7H6zM3 10V3h7',
  rename: 'm3 13 .6-2.8L11 2.8 13.2 5l-7.4 7.4z',
  archive: 'M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.5h3',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3',
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

type Attributes = Record<string, string | number | boolean | undefined>;
type Child = Node | string | null;

function furnish<E extends Element>(
  node: E,
  attributes: Attributes,
  children: readonly Child[]
): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  node.append(...children.filter(child => child !== null));
  return node;
}

/** An element with attributes (those that are undefined or false left out) and children (without null). */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  return furnish(document.createElement(tag), attributes, children);
}

/** The same in a drawing. */
export function drawn<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  return furnish(
    document.createElementNS('http://www.w3.org/2000/svg', tag),
    attributes,
    children
  );
}

/**
 * Puts other content in place of what is there. What has the same `data-key` as before keeps the focus, what was typed,
 * where it was scrolled to, and whether it is unfolded.
 */
export function redraw(box: HTMLElement, ...children: Child[]): void {
  const active = document.activeElement;
  const focused = box.contains(active)
    ? active?.getAttribute('data-key')
    : null;
  const before = new Map<string, Element>();
  for (const node of box.querySelectorAll('[data-key]')) {
    before.set(node.getAttribute('data-key')!, node);
  }
  box.replaceChildren(...children.filter(child => child !== null));
  for (const node of box.querySelectorAll<HTMLElement>('[data-key]')) {
    const key = node.getAttribute('data-key')!;
    const old = before.get(key);
    if (
      node instanceof HTMLDetailsElement &&
      old instanceof HTMLDetailsElement
    ) {
      node.open = old.open;
    }
    if (
      node instanceof HTMLInputElement &&
      old instanceof HTMLInputElement &&
      key === focused
    ) {
      node.value = old.value;
      node.setSelectionRange(old.selectionStart, old.selectionEnd);
    }
    if (key === focused) {
      node.focus({ preventScroll: true });
    }
  }
}

/** Hides what is saved beside a living view for whoever has none, and its row. */
export function hideSaved(uid: string): HTMLStyleElement {
  const style = document.createElement('style');
  const saved = `.jp-agent-saved-${uid}`;
  style.textContent = `${saved},.jp-OutputArea-child:has(${saved}){display:none}`;
  document.head.append(style);
  return style;
}
