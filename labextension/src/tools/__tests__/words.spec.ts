import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../api/errors';
import type { IChange, IEdit, ITask } from '../../api/types';
import { blankCall } from '../calls';
import { editable, edited } from '../editing';
import { progressOf } from '../progress';
import { amount, conflictsOf } from '../undo';
import {
  changeTitle,
  modeNamed,
  runsWhere,
  sentence,
  unfenced,
  visible,
  whyAsked
} from '../words';

const trans = nullTranslator.load('jupyterlab_agent');

function say(
  name: string,
  args: Record<string, unknown>,
  metadata: Record<string, unknown> = {}
): string {
  return sentence({ ...blankCall('c'), name, args, metadata }, trans);
}

describe('what a call does', () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      'read_cells',
      { path: 'work/sales.ipynb', start: 3, end: 12 },
      'Read cells 3–12 of sales.ipynb'
    ],
    ['read_cells', { cell_ids: ['a', 'b'] }, 'Read 2 cells'],
    ['read_cells', { cell_ids: ['a'] }, 'Read 1 cell'],
    ['read_cells', {}, 'Read the cells'],
    ['run_code', { code: 'import os\nos.getcwd()' }, 'Run import os…'],
    ['run_command', { command: 'ls -l' }, 'Run in a terminal: ls -l'],
    [
      'read_file',
      { path: 'a/b.py', start: 1, end: 20 },
      'Read lines 1–20 of b.py'
    ],
    ['list_files', { path: '' }, 'List the files of the root'],
    ['git_commit', { message: 'Mend\n\nmore' }, 'Commit: Mend…'],
    ['weather', { city: 'Bern', days: 2 }, 'weather: Bern'],
    ['weather', {}, 'weather']
  ])('%s %o', (name, args, line) => {
    expect(say(name, args)).toBe(line);
  });

  it('names the cell where the server does', () => {
    expect(
      say(
        'edit_cell',
        { path: 'sales.ipynb', cell_id: 'x' },
        { changes: [{ title: 'cell 12' }] }
      )
    ).toBe('Edit cell 12 of sales.ipynb');
  });

  it('hides nothing that the call has', () => {
    expect(say('run_command', { command: 'rm \u202eabc\u200b' })).toBe(
      'Run in a terminal: rm ⟨U+202E⟩abc⟨U+200B⟩'
    );
    expect(visible('a\u0007\tb\nc é 漢')).toBe('a⟨U+0007⟩\tb\nc é 漢');
  });

  it('is one line, however much was given', () => {
    const line = say('run_command', { command: `echo ${'x'.repeat(500)}` });
    expect(line.length).toBeLessThan(100);
    expect(line.endsWith('…')).toBe(true);
  });
});

describe('the exact call', () => {
  it.each([
    ['```\nrun\ncode: 1\n```', 'run\ncode: 1'],
    ['````\na\n```\nb\n````', 'a\n```\nb'],
    ['run', 'run'],
    ['```\nrun', '```\nrun']
  ])('%j', (shown, text) => {
    expect(unfenced(shown)).toBe(text);
  });
});

describe('why a call is asked about', () => {
  it('is what it needs, where the mode asks', () => {
    expect(
      whyAsked(
        {
          reason: 'the mode ask asks about external_directory, file_write',
          askedBy: 'mode',
          capabilities: ['external_directory', 'file_write', 'read']
        },
        trans
      )
    ).toBe('Leaves the server’s folder · Changes files');
  });

  it('is the rule, where one asks', () => {
    const asks = "a rule of the administrator's (no \u202ekeys) asks";
    expect(
      whyAsked(
        { reason: asks, askedBy: 'rule', capabilities: ['shell', 'network'] },
        trans
      )
    ).toBe(
      "Runs a command · Reaches the network · Why it asks: a rule of the administrator's (no ⟨U+202E⟩keys) asks"
    );
    expect(
      whyAsked(
        {
          reason: "a rule of the user's asks",
          askedBy: 'rule',
          capabilities: ['read']
        },
        trans
      )
    ).toBe("Why it asks: a rule of the user's asks");
  });

  it('is what the server says, where nobody has words for it', () => {
    const reason = 'the mode ask asks about telepathy';
    const capabilities = ['telepathy'];
    expect(whyAsked({ reason, askedBy: 'mode', capabilities }, trans)).toBe(
      `Why it asks: ${reason}`
    );
    const nothing = { reason: '', askedBy: 'tool' as const, capabilities: [] };
    expect(whyAsked(nothing, trans)).toBe('');
  });

  it.each([
    ['notebook_edit', 'Changes the notebook'],
    ['execute', 'Runs code in a kernel'],
    ['secret', 'Touches what looks like a secret']
  ])('says %s in words', (capability, words) => {
    expect(
      whyAsked(
        {
          reason: `the mode ask asks about ${capability}`,
          askedBy: 'mode',
          capabilities: [capability]
        },
        trans
      )
    ).toBe(words);
  });
});

describe('where a call runs', () => {
  it('is the notebook of who asked, or the window', () => {
    expect(runsWhere('show_diff', trans)).toBe('in your window');
    expect(runsWhere('plot_frame', trans)).toBe('in your notebook');
  });
});

describe('modes', () => {
  it.each([
    ['auto edit', 'auto_edit'],
    ['Auto-Edit', 'auto_edit'],
    ['read_only', 'read_only'],
    [' ask ', 'ask'],
    ['yolo', null]
  ])('%s', (wanted, mode) => {
    expect(modeNamed(wanted)).toBe(mode);
  });
});

describe('an edited call', () => {
  const change = { language: 'julia', path: 'a.ipynb' } as IChange;

  it('has its text apart from the rest', () => {
    const call = editable({ cell_id: 'x', source: 'a\nb', hash: 'h' }, [
      change
    ]);
    expect(call).toMatchObject({
      textName: 'source',
      text: 'a\nb',
      language: 'julia'
    });
    expect(JSON.parse(call.rest)).toEqual({ cell_id: 'x', hash: 'h' });
    expect(edited(call, 'c', call.rest)).toEqual({
      cell_id: 'x',
      hash: 'h',
      source: 'c'
    });
  });

  it('is JSON where it has no text', () => {
    const call = editable({}, []);
    expect(call).toMatchObject({ textName: null, rest: '{}' });
    expect(edited(call, '', '{"a": [1]}')).toEqual({ a: [1] });
  });

  it('has nothing else where there is nothing else', () => {
    const call = editable({ code: '1' }, []);
    expect(call.rest).toBe('');
    expect(edited(call, '2', '')).toEqual({ code: '2' });
  });

  it.each(['{', '[1]', '"a"', 'null', '3'])('refuses %s', rest => {
    expect(() => edited(editable({ a: 1 }, []), '', rest)).toThrow();
  });
});

describe('undo', () => {
  const edit = (kind: 'cell' | 'file', path: string, cell: string | null) =>
    ({ change: { kind, path, cell_id: cell } }) as IEdit;

  it('counts each cell and file once', () => {
    expect(
      amount(
        [
          edit('cell', 'a.ipynb', 'x'),
          edit('cell', 'a.ipynb', 'x'),
          edit('cell', 'a.ipynb', 'y'),
          edit('file', 'a.py', null)
        ],
        trans
      )
    ).toBe('2 cells, 1 file');
  });

  it('knows conflicts from other refusals', () => {
    const conflicts = [
      { edit_id: 'e', path: 'a', cell_id: null, message: 'm' }
    ];
    expect(
      conflictsOf(new ApiError(409, 'conflict', 'm', { conflicts }))
    ).toEqual(conflicts);
    expect(conflictsOf(new ApiError(409, 'conflict', 'm'))).toEqual([]);
    expect(conflictsOf(new Error('m'))).toEqual([]);
  });

  it.each<[IChange['action'], string]>([
    ['edit', 'cell 12 of sales.ipynb'],
    ['create', 'New: cell 12 of sales.ipynb'],
    ['delete', 'Deleted: cell 12 of sales.ipynb']
  ])('names a change: %s', (action, title) => {
    expect(
      changeTitle(
        {
          kind: 'cell',
          action,
          path: 'work/sales.ipynb',
          cell_id: 'x',
          title: 'cell 12',
          language: null,
          before: null,
          after: null,
          edit_id: null
        },
        trans
      )
    ).toBe(title);
  });
});

describe('a to-do list', () => {
  const task = (title: string, status: ITask['status']): ITask => ({
    id: title,
    title,
    status
  });

  it('does not count what was given up', () => {
    expect(
      progressOf([
        task('a', 'completed'),
        task('b', 'cancelled'),
        task('c', 'pending'),
        task('d', 'in_progress')
      ])
    ).toMatchObject({ done: 1, all: 3, now: { title: 'd' } });
  });

  it('says what comes next where nothing is being done', () => {
    expect(progressOf([task('a', 'pending')]).now?.title).toBe('a');
    expect(progressOf([task('a', 'completed')]).now).toBeNull();
    expect(progressOf([])).toMatchObject({ done: 0, all: 0 });
  });
});
