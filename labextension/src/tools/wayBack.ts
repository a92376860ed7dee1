import { EditorView } from '@codemirror/view';

const APPROVAL = '.jp-agent-Approval';

/** Gives the focus to something, with the cursor where it was; says whether it has it. */
function focus(node: Element): boolean {
  const editor =
    node instanceof HTMLElement ? EditorView.findFromDOM(node) : null;
  if (editor) {
    // The browser alone would put the cursor elsewhere.
    editor.focus();
  } else if (node instanceof HTMLElement || node instanceof SVGElement) {
    node.focus({ preventScroll: true });
  }
  return node.isConnected && node.contains(document.activeElement);
}

/** The way of somebody whom a shortcut brings to a call that waits, and back to where they were. */
export class WayBack {
  /** Whether this call was asked for: a key in it is meant for it. */
  leadsTo(approvalId: string): boolean {
    return this._to === approvalId;
  }

  /**
   * Goes to a call.
   *
   * @param node - what is to have the focus.
   * @param from - what had it before; of calls after one another that before the first counts.
   * @returns whether it has it.
   */
  go(approvalId: string, node: HTMLElement, from: Element | null): boolean {
    const before = from?.closest(APPROVAL) ? this._from : from;
    this.forget();
    this._to = approvalId;
    node.focus();
    if (document.activeElement !== node) {
      this._to = null;
      return false;
    }
    this._from = before === document.body ? null : before;
    document.addEventListener('focusin', this._onFocus);
    return true;
  }

  /** Goes back, where somebody came this way; says whether it did. */
  return(): boolean {
    const from = this._from;
    this.forget();
    return from !== null && focus(from);
  }

  /** Nobody is on the way any more. */
  forget(): void {
    this._from = null;
    this._to = null;
    document.removeEventListener('focusin', this._onFocus);
  }

  private _from: Element | null = null;
  private _onFocus = ({ target }: FocusEvent): void => {
    // Who goes somewhere else wants to be there.
    if (!(target instanceof Element && target.closest(APPROVAL))) {
      this.forget();
    }
  };
  private _to: string | null = null;
}
