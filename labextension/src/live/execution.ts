/** What a cell shows while the server runs it. */
import type * as nbformat from '@jupyterlab/nbformat';
import { normalOutputs } from './cells';

/** What of a code cell's model (`@jupyterlab/cells`) is used here. */
export interface IRunningCell {
  executionCount: nbformat.ExecutionCount;
  executionState: 'running' | 'idle';
  clearExecution(): void;
  readonly outputs: {
    readonly length: number;
    get(index: number): { toJSON(): nbformat.IOutput };
    add(output: nbformat.IOutput): number;
    set(index: number, output: nbformat.IOutput): void;
    remove(index: number): void;
    clear(wait?: boolean): void;
  };
}

export interface IExecution {
  state: 'running' | 'idle';
  /** All outputs, or with `append` those that are new; left out where they stay as they are. */
  outputs?: nbformat.IOutput[] | null;
  append?: boolean;
  execution_count?: number | null;
}

/** Shows the state of a cell that the server runs. Through the cell's own model, as when the user runs it. */
export function showExecution(cell: IRunningCell, now: IExecution): void {
  if (now.state === 'running' && cell.executionState !== 'running') {
    // Trusts it, too: what it will show comes of running it.
    cell.clearExecution();
  }
  if (now.outputs && now.append) {
    now.outputs.forEach(output => cell.outputs.add(output));
  } else if (now.outputs) {
    showOutputs(cell.outputs, normalOutputs(now.outputs));
  }
  if (typeof now.execution_count === 'number') {
    cell.executionCount = now.execution_count;
  }
  // After the count: with a count, the view takes the cell for done.
  cell.executionState = now.state;
}

/** Makes the outputs these; those that stay are not drawn again. */
function showOutputs(
  shown: IRunningCell['outputs'],
  outputs: readonly nbformat.IOutput[]
): void {
  if (shown.length > outputs.length) {
    // Taking away one alone does not reach the shared model.
    shown.clear();
  }
  outputs.forEach((raw, index) => {
    const output =
      raw.output_type === 'stream'
        ? { ...raw, text: overwritten(raw.text as string) }
        : raw;
    if (index >= shown.length) {
      shown.add(output);
    } else if (
      JSON.stringify(sorted(shown.get(index).toJSON())) !==
      JSON.stringify(sorted(output))
    ) {
      shown.set(index, output);
    }
  });
}

/** A stream's text as a terminal shows it: what was written over, as progress bars do, is gone. */
export function overwritten(text: string): string {
  if (!text.includes('\r') && !text.includes('\b')) {
    return text;
  }
  return text
    .split('\n')
    .map(line => {
      const shown: string[] = [];
      let column = 0;
      for (const letter of line) {
        if (letter === '\r') {
          column = 0;
        } else if (letter === '\b') {
          column = Math.max(0, column - 1);
        } else {
          shown[column] = letter;
          column += 1;
        }
      }
      return shown.join('');
    })
    .join('\n');
}

/** With its keys in order, so that two can be compared. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([key, item]) => [key, sorted(item)])
    );
  }
  return value;
}
