import type * as nbformat from '@jupyterlab/nbformat';
import { beforeEach, describe, expect, it } from 'vitest';
import { overwritten, showExecution, type IRunningCell } from '../execution';

class Cell implements IRunningCell {
  executionCount: nbformat.ExecutionCount = 3;
  executionState: 'running' | 'idle' = 'idle';
  list: nbformat.IOutput[] = [stream('old')];
  calls: string[] = [];

  clearExecution(): void {
    this.calls.push('clearExecution');
    this.list = [];
    this.executionCount = null;
  }

  readonly outputs = ((cell: Cell) => ({
    get length() {
      return cell.list.length;
    },
    get: (index: number) => ({ toJSON: () => cell.list[index]! }),
    add: (output: nbformat.IOutput) => {
      cell.calls.push('add');
      return cell.list.push(output);
    },
    set: (index: number, output: nbformat.IOutput) => {
      cell.calls.push(`set ${index}`);
      cell.list[index] = output;
    },
    remove: () => undefined,
    clear: () => {
      cell.calls.push('clear');
      cell.list = [];
    }
  }))(this);
}

function stream(text: string): nbformat.IOutput {
  return { output_type: 'stream', name: 'stdout', text };
}

const picture: nbformat.IOutput = {
  output_type: 'display_data',
  data: { 'text/plain': '<Figure>', 'image/png': 'abc' },
  metadata: {}
};

let cell: Cell;
beforeEach(() => {
  cell = new Cell();
});

describe('showExecution', () => {
  it('clears what was there when it begins, and says that it runs', () => {
    showExecution(cell, { state: 'running' });
    expect(cell.list).toEqual([]);
    expect([cell.executionState, cell.executionCount]).toEqual([
      'running',
      null
    ]);
  });

  it('draws only what is new', () => {
    showExecution(cell, { state: 'running', outputs: [] });
    showExecution(cell, { state: 'running', outputs: [picture, stream('a')] });
    cell.calls = [];
    showExecution(cell, {
      state: 'running',
      outputs: [
        {
          metadata: {},
          data: { 'image/png': 'abc', 'text/plain': '<Figure>' },
          output_type: 'display_data'
        },
        stream('ab'),
        picture
      ]
    });
    expect(cell.calls).toEqual(['set 1', 'add']);
    showExecution(cell, {
      state: 'running',
      append: true,
      outputs: [stream('c')]
    });
    expect(cell.list).toHaveLength(4);
    expect(cell.executionState).toBe('running');
    showExecution(cell, {
      state: 'idle',
      outputs: [stream('end')],
      execution_count: 4
    });
    expect(cell.list).toEqual([stream('end')]);
    expect([cell.executionState, cell.executionCount]).toEqual(['idle', 4]);
  });

  it('leaves outputs alone that are not told', () => {
    showExecution(cell, { state: 'idle', execution_count: 9 });
    expect(cell.list).toEqual([stream('old')]);
    expect(cell.executionCount).toBe(9);
  });
});

describe('overwritten', () => {
  it.each([
    ['plain\ntext', 'plain\ntext'],
    ['10%\r20%\r100%', '100%'],
    ['long line\rshort', 'shortline'],
    ['a\r\nb', 'a\nb'],
    ['ab\bc', 'ac'],
    ['\b\bx', 'x']
  ])('%j becomes %j', (text, shown) => {
    expect(overwritten(text)).toBe(shown);
  });
});
