/** Changes of shared texts that leave alone what stays: cursors and selections in it do not move. */

/** What of a shared text (`@jupyter/ydoc`) is used here. */
export interface ISharedText {
  getSource(): string;
  updateSource(start: number, end: number, value?: string): void;
}

/** The middle that differs: `[start, end)` of the old text becomes `value`. Null where nothing does. */
export function difference(
  before: string,
  after: string
): { start: number; end: number; value: string } | null {
  if (before === after) {
    return null;
  }
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) {
    head += 1;
  }
  let tail = 0;
  while (
    tail < most - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  // Half a surrogate pair is no letter: a shared text cannot hold it.
  if (head > 0 && isHigh(before.charCodeAt(head - 1))) {
    head -= 1;
  }
  if (tail > 0 && isLow(before.charCodeAt(before.length - tail))) {
    tail -= 1;
  }
  return {
    start: head,
    end: before.length - tail,
    value: after.slice(head, after.length - tail)
  };
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Makes the text this one; what is the same at both ends is not touched. */
export function setText(shared: ISharedText, after: string): void {
  const change = difference(shared.getSource(), after);
  if (change) {
    shared.updateSource(change.start, change.end, change.value);
  }
}

/**
 * What follows is not undone together with what was done just before it. Shared models keep their own undo manager,
 * which their interfaces do not name.
 */
export function ownStep(shared: object): void {
  const { undoManager } = shared as {
    undoManager?: { stopCapturing: () => void } | null;
  };
  undoManager?.stopCapturing();
}
