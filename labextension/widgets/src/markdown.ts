/**
 * A model's markdown as elements. It is untrusted: it runs nothing and loads nothing; of a picture only a link is left,
 * which somebody has to follow.
 */
import DOMPurify from 'dompurify';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- a widget is one file
import { Marked, type Tokens } from 'marked';
import { button } from './dom';

const marked = new Marked({ gfm: true, breaks: false });

const CONFIG = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: [
    'style',
    'form',
    'input',
    'button',
    'textarea',
    'select',
    'audio',
    'video',
    'picture',
    'source',
    'track',
    'iframe',
    'object',
    'embed'
  ],
  FORBID_ATTR: [
    'style',
    'class',
    'id',
    'name',
    'srcset',
    'poster',
    'background',
    'ping',
    'autofocus',
    'tabindex'
  ],
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP:
    /^(?:https?:|mailto:|#|data:image\/(?:png|jpeg|gif|webp);)/i,
  RETURN_DOM_FRAGMENT: true as const
};

/** The markdown as a fragment of the page. */
export function render(source: string): DocumentFragment {
  // DOMPurify parses in a document that is never shown, which loads nothing.
  const fragment = DOMPurify.sanitize(
    marked.parse(source, { async: false }),
    CONFIG
  );
  for (const image of fragment.querySelectorAll('img')) {
    const address = image.getAttribute('src') ?? '';
    if (/^data:image\//i.test(address)) {
      continue;
    }
    const link = document.createElement('a');
    link.textContent = image.alt || address || 'picture';
    if (/^https?:/i.test(address)) {
      link.href = address;
    }
    image.replaceWith(link);
  }
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  for (const table of fragment.querySelectorAll('table')) {
    const box = document.createElement('div');
    box.className = 'jaw-table';
    box.tabIndex = 0;
    box.setAttribute('role', 'region');
    box.setAttribute('aria-label', 'Table');
    table.replaceWith(box);
    box.append(table);
  }
  for (const pre of fragment.querySelectorAll('pre')) {
    frameCode(pre);
  }
  return fragment;
}

function frameCode(pre: HTMLElement): void {
  const frame = document.createElement('div');
  frame.className = 'jaw-code';
  const copy = button('Copy code', 'copy', () => {
    const text = (pre.textContent ?? '').replace(/\n$/, '');
    void navigator.clipboard.writeText(text).then(
      () => {
        copy.dataset.done = 'true';
        copy.setAttribute('aria-label', 'Copied');
        setTimeout(() => {
          delete copy.dataset.done;
          copy.setAttribute('aria-label', 'Copy code');
        }, 1500);
      },
      () => getSelection()?.selectAllChildren(pre)
    );
  });
  pre.tabIndex = 0;
  pre.replaceWith(frame);
  frame.append(copy, pre);
}

/** The parts of a text that can be drawn on their own; together they are the text. */
export function split(text: string): string[] {
  const tokens: Tokens.Generic[] = marked.lexer(text);
  if ('links' in tokens && Object.keys(tokens.links as object).length > 0) {
    // A definition counts for the whole text.
    return [text];
  }
  const parts: string[] = [];
  for (const token of tokens) {
    if (token.type === 'space' && parts.length > 0) {
      parts[parts.length - 1] += token.raw;
    } else {
      parts.push(token.raw);
    }
  }
  return parts.join('') === text ? parts : [text];
}

/** Markdown that grows: what has not changed is not drawn again. */
export class Growing {
  readonly node = document.createElement('div');

  constructor() {
    this.node.className = 'jaw-markdown';
  }

  show(text: string): void {
    if (text === this._text) {
      return;
    }
    this._text = text;
    const parts = split(text);
    parts.forEach((part, at) => {
      const drawn = this._drawn[at];
      if (drawn?.source === part) {
        return;
      }
      const node = drawn?.node ?? document.createElement('div');
      node.replaceChildren(render(part));
      if (!drawn) {
        this.node.append(node);
      }
      this._drawn[at] = { source: part, node };
    });
    for (const extra of this._drawn.splice(parts.length)) {
      extra.node.remove();
    }
  }

  private _text = '';
  private _drawn: { source: string; node: HTMLElement }[] = [];
}
