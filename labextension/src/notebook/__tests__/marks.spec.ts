import { describe, expect, it } from 'vitest';
import type { IChange, IEdit } from '../../api/types';
import { marksOf } from '../marks';

let count = 0;

function edit(change: Partial<IChange>, more: Partial<IEdit> = {}): IEdit {
  count += 1;
  const at = new Date(1_700_000_000_000 + count).toISOString();
  return {
    id: `edit_${String(count).padStart(6, '0')}`,
    turn_id: 't1',
    tool_call_id: null,
    state: 'applied',
    created_at: at,
    changed_at: at,
    change: {
      kind: 'cell',
      action: 'edit',
      path: 'a.ipynb',
      cell_id: 'a',
      title: '',
      language: 'python',
      before: 'old',
      after: 'new',
      edit_id: null,
      ...change
    },
    ...more
  };
}

function cells(there: Record<string, string>): Map<string, string> {
  return new Map(Object.entries(there));
}

describe('marksOf', () => {
  it('joins what turns did to one cell, the newest turn first', () => {
    const one = edit({ before: 'a', after: 'b' });
    const run = edit({ action: 'outputs', before: '', after: '1' });
    const two = edit({ before: 'b', after: 'c' }, { turn_id: 't2' });
    expect(marksOf([two, run, one], cells({ a: 'c' }))).toEqual([
      {
        cellId: 'a',
        kind: 'changed',
        before: 'a',
        after: 'c',
        language: 'python',
        below: null,
        edits: [
          { turnId: 't2', ids: [two.id] },
          { turnId: 't1', ids: [one.id, run.id] }
        ]
      }
    ]);
  });

  it('leaves out what the user has changed since', () => {
    expect(marksOf([edit({})], cells({ a: 'newer' }))).toEqual([]);
    expect(marksOf([edit({})], cells({}))).toEqual([]);
  });

  it('leaves out what was decided about', () => {
    const accepted = edit({}, { state: 'accepted' });
    const undone = edit({ cell_id: 'b' }, { state: 'undone' });
    expect(marksOf([accepted, undone], cells({ a: 'new', b: 'new' }))).toEqual(
      []
    );
  });

  it('knows cells that were added, moved and deleted', () => {
    const marks = marksOf(
      [
        edit({ action: 'create', before: null, after: 'x' }),
        edit({ before: 'x', after: 'y' }),
        edit({ action: 'move', cell_id: 'm', before: 'place 1', after: '2' }),
        edit({
          action: 'delete',
          cell_id: 'd',
          before: 'gone',
          after: null,
          previous_cell: 'a'
        })
      ],
      cells({ a: 'y', m: 'moved' })
    );
    expect(marks.map(({ cellId, kind }) => [cellId, kind])).toEqual([
      ['a', 'added'],
      ['m', 'moved'],
      ['d', 'deleted']
    ]);
    expect(marks[0]).toMatchObject({ before: null, after: 'y' });
    expect(marks[2]).toMatchObject({ before: 'gone', below: 'a' });
  });

  it('says nothing of what an agent added and deleted, or brought back', () => {
    expect(
      marksOf(
        [
          edit({ action: 'create', before: null, after: 'x' }),
          edit({ action: 'delete', before: 'x', after: null })
        ],
        cells({})
      )
    ).toEqual([]);
    expect(
      marksOf(
        [
          edit({ before: 'old', after: 'new' }),
          edit({ before: 'new', after: 'old' })
        ],
        cells({ a: 'old' })
      )
    ).toEqual([]);
    // Ctrl-Z of the deletion.
    expect(
      marksOf([edit({ action: 'delete', after: null })], cells({ a: 'old' }))
    ).toEqual([]);
  });

  it('compares the head of what the server cuts', () => {
    const long = 'x'.repeat(30_000);
    const after = `${long.slice(0, 20_000)}\n... (30000 characters)`;
    expect(marksOf([edit({ after })], cells({ a: long }))).toHaveLength(1);
    expect(
      marksOf([edit({ after })], cells({ a: `y${long.slice(1)}` }))
    ).toEqual([]);
  });

  it('leaves out files and bare runs', () => {
    expect(
      marksOf(
        [
          edit({ kind: 'file', cell_id: null }),
          edit({ action: 'outputs', before: '', after: '1' })
        ],
        cells({ a: 'new' })
      )
    ).toEqual([]);
  });
});
