/**
 * Text that goes on where the last drawing ended, until the next drawing has it: setting one text node costs next to
 * nothing, drawing a long paragraph costs frames.
 */

/** Where markdown may mean something else by what follows. */
const SPECIAL = /[\n`*_~<[\]$\\&]/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const CLOSING = /\n {0,3}[`~]/;
const DESCEND = new Set(['UL', 'OL', 'LI', 'BLOCKQUOTE']);

/** Whether it looks the same drawn and as it is written. */
export function isPlain(source: string): boolean {
  return /^[\p{L}"'(]/u.test(source) && !SPECIAL.test(source);
}

/** What of the rest of the source can stand there as it is written; '' where that is nothing. */
export function plainTail(drawn: string, source: string): string {
  if (!source.startsWith(drawn)) {
    return '';
  }
  const tail = source.slice(drawn.length);
  let end: number;
  if (FENCE.test(source)) {
    // The first line is the fence's own.
    end = drawn.includes('\n') ? tail.search(CLOSING) : 0;
  } else {
    const openMath = (drawn.match(/\$\$/g)?.length ?? 0) % 2 === 1;
    end = openMath ? 0 : tail.search(SPECIAL);
  }
  return end < 0 ? tail : tail.slice(0, end);
}

/** The element in which text that follows appears; null where it may appear elsewhere, as in a table. */
export function growingEnd(node: HTMLElement): HTMLElement | null {
  let end = node;
  for (;;) {
    let last = end.lastChild;
    while (last?.nodeType === Node.TEXT_NODE && !last.textContent?.trim()) {
      last = last.previousSibling;
    }
    if (!(last instanceof HTMLElement)) {
      return end.tagName === 'LI' ? end : null;
    }
    if (last.tagName === 'P') {
      return last;
    }
    if (last.classList.contains('jp-agent-Code')) {
      return last.querySelector('code');
    }
    if (!DESCEND.has(last.tagName)) {
      // Words of a list's entry stand beside what is bold in it.
      return end.tagName === 'LI' ? end : null;
    }
    end = last;
  }
}
