import { YNotebook, type ISharedCodeCell } from '@jupyter/ydoc';
import { describe, expect, it } from 'vitest';
import { applyOperations, normalOutputs, type Operation } from '../cells';
import { LiveError } from '../errors';

function code(id: string, source: string) {
  return {
    id,
    cell_type: 'code',
    source,
    metadata: {},
    execution_count: null,
    outputs: []
  };
}

function notebook(perCell = true): YNotebook {
  const shared = YNotebook.create({
    disableDocumentWideUndoRedo: perCell,
    data: {
      cells: [code('a', 'x = 1'), code('b', 'y = 2'), code('c', 'z = 3')],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5
    }
  });
  // As when a notebook was opened.
  shared.clearUndoHistory();
  return shared;
}

function apply(shared: YNotebook, ...operations: Operation[]) {
  return applyOperations(shared, operations);
}

function stand(shared: YNotebook): [string, string][] {
  return shared.cells.map(cell => [cell.getId(), cell.getSource()]);
}

function failure(action: () => unknown): LiveError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(LiveError);
    return error as LiveError;
  }
  throw new Error('it did not fail');
}

describe('applyOperations', () => {
  it('does each of them and tells what it did', () => {
    const shared = notebook();
    const done = apply(
      shared,
      { op: 'set_source', cell_id: 'a', source: 'x = 10', expect: 'x = 1' },
      { op: 'insert', cell: code('n', 'new'), index: 1 },
      { op: 'delete', cell_id: 'b', expect: 'y = 2' },
      { op: 'move', cell_id: 'c', index: 0 },
      {
        op: 'set_outputs',
        cell_id: 'a',
        outputs: [
          { output_type: 'stream', name: 'stdout', text: ['1\n', '2'] }
        ],
        execution_count: 7
      }
    );
    expect(stand(shared)).toEqual([
      ['c', 'z = 3'],
      ['a', 'x = 10'],
      ['n', 'new']
    ]);
    expect(done.map(one => [one.index_before, one.index_after])).toEqual([
      [0, 0],
      [null, 1],
      [2, null],
      [2, 0],
      [1, 1]
    ]);
    expect(done[0]!.before!.source).toBe('x = 1');
    expect(done[0]!.after!.source).toBe('x = 10');
    expect(done[2]!.before!.source).toBe('y = 2');
    expect(done[4]!.after).toMatchObject({
      execution_count: 7,
      outputs: [{ output_type: 'stream', name: 'stdout', text: '1\n2' }]
    });
  });

  it('gives back the source that is there where it is another one, and does nothing', () => {
    const shared = notebook();
    const error = failure(() =>
      apply(
        shared,
        { op: 'delete', cell_id: 'a' },
        { op: 'set_source', cell_id: 'b', source: 'n', expect: 'y = 99' }
      )
    );
    expect(error.code).toBe('conflict');
    expect(error.data).toEqual({ cell_id: 'b', source: 'y = 2' });
    expect(stand(shared)).toHaveLength(3);
  });

  it('knows no cell by its place', () => {
    const shared = notebook();
    const error = failure(() => apply(shared, { op: 'delete', cell_id: '0' }));
    expect([error.code, error.data]).toEqual([
      'not_found',
      { cell_id: '0', cell_ids: ['a', 'b', 'c'] }
    ]);
  });

  it('expects what an earlier one of them has made', () => {
    const shared = notebook();
    apply(
      shared,
      { op: 'set_source', cell_id: 'a', source: 'one', expect: 'x = 1' },
      { op: 'set_source', cell_id: 'a', source: 'two', expect: 'one' },
      { op: 'insert', cell: code('n', 'three'), index: 99 },
      { op: 'delete', cell_id: 'n', expect: 'three' }
    );
    expect(stand(shared)[0]).toEqual(['a', 'two']);
    const error = failure(() =>
      apply(shared, { op: 'insert', cell: code('a', ''), index: 0 })
    );
    expect(error.code).toBe('invalid');
  });

  it('is a step of its own for who undoes in the cell', () => {
    const shared = notebook();
    const cell = shared.getCell(0);
    cell.updateSource(5, 5, '0');
    cell.updateSource(6, 6, '0');
    apply(shared, { op: 'set_source', cell_id: 'a', source: 'agent' });
    cell.updateSource(5, 5, '!');
    expect(cell.getSource()).toBe('agent!');
    cell.undo();
    expect(cell.getSource()).toBe('agent');
    cell.undo();
    expect(cell.getSource()).toBe('x = 100');
    cell.undo();
    expect(cell.getSource()).toBe('x = 1');
  });

  it('is one step for who undoes in the notebook', () => {
    const shared = notebook();
    shared.insertCell(3, code('mine', 'mine'));
    apply(
      shared,
      { op: 'insert', cell: code('n', 'new'), index: 0 },
      { op: 'delete', cell_id: 'b' }
    );
    shared.undo();
    expect(stand(shared).map(([id]) => id)).toEqual(['a', 'b', 'c', 'mine']);
    shared.undo();
    expect(stand(shared).map(([id]) => id)).toEqual(['a', 'b', 'c']);
  });

  it('is undone where the whole notebook has one history', () => {
    const shared = notebook(false);
    shared.getCell(1).updateSource(5, 5, '0');
    apply(shared, { op: 'set_source', cell_id: 'a', source: 'agent' });
    shared.undo();
    expect(stand(shared).slice(0, 2)).toEqual([
      ['a', 'x = 1'],
      ['b', 'y = 20']
    ]);
  });

  it('replaces a cell in its place, with another one only where the kind changes', () => {
    const shared = notebook();
    const cell = shared.getCell(0);
    cell.setMetadata({ tags: ['mine'], trusted: true });
    apply(shared, {
      op: 'replace',
      cell_id: 'a',
      cell: {
        ...code('ignored', 'x = 2'),
        metadata: { tags: ['theirs'] },
        execution_count: 3,
        outputs: [{ output_type: 'display_data', data: {}, metadata: {} }]
      }
    });
    expect(shared.getCell(0)).toBe(cell);
    expect(cell.toJSON()).toMatchObject({
      id: 'a',
      source: 'x = 2',
      metadata: { tags: ['theirs'] },
      execution_count: 3
    });
    expect(cell.getMetadata()).not.toHaveProperty('trusted');
    expect((cell as ISharedCodeCell).getOutputs()).toHaveLength(1);
    apply(shared, {
      op: 'replace',
      cell_id: 'a',
      cell: { id: 'a', cell_type: 'markdown', source: '# x', metadata: {} }
    });
    expect(shared.getCell(0).cell_type).toBe('markdown');
    expect(stand(shared)[0]).toEqual(['a', '# x']);
  });

  it('refuses outputs of what is no code', () => {
    const shared = notebook();
    shared.insertCell(0, { id: 'm', cell_type: 'markdown', source: '' });
    const error = failure(() =>
      apply(shared, { op: 'set_outputs', cell_id: 'm', outputs: [] })
    );
    expect(error.code).toBe('invalid');
  });
});

describe('normalOutputs', () => {
  it('joins the pieces of a stream', () => {
    expect(
      normalOutputs([
        { output_type: 'stream', name: 'stdout', text: 'a' },
        { output_type: 'stream', name: 'stdout', text: ['b', 'c'] },
        { output_type: 'stream', name: 'stderr', text: 'd' },
        { output_type: 'stream', name: 'stdout', text: 'e' }
      ])
    ).toEqual([
      { output_type: 'stream', name: 'stdout', text: 'abc' },
      { output_type: 'stream', name: 'stderr', text: 'd' },
      { output_type: 'stream', name: 'stdout', text: 'e' }
    ]);
  });
});
