import { YNotebook } from '@jupyter/ydoc';
import type * as nbformat from '@jupyterlab/nbformat';
import { describe, expect, it } from 'vitest';
import {
  cellText,
  cutMiddle,
  firstLine,
  kernelLanguage,
  liveCells,
  notebookText,
  outputsText,
  outputText,
  plainText,
  storedCells,
  type ICellText
} from '../text';

const ESC = String.fromCharCode(27);

function stream(text: string, name = 'stdout'): nbformat.IStream {
  return { output_type: 'stream', name: name as 'stdout', text };
}

function code(number: number, source: string, output = ''): ICellText {
  return {
    id: `c${number}`,
    number,
    kind: 'code',
    source,
    executionCount: number,
    outputs: output ? [stream(output)] : []
  };
}

const facts = {
  path: 'sales.ipynb',
  kernel: 'Python 3',
  language: 'python',
  unsaved: false
};

describe('plainText', () => {
  it('takes colours, links and cursor moves away', () => {
    expect(plainText(`${ESC}[0;31mValueError${ESC}[0m: no`)).toBe(
      'ValueError: no'
    );
    expect(
      plainText(`${ESC}]8;;http://a\x07link${ESC}]8;;\x07 ${ESC}[2K${ESC}[1Aup`)
    ).toBe('link up');
  });

  it('keeps the last state of a line that was written over', () => {
    expect(plainText('10 %\r50 %\r100 %\nready\r\n')).toBe('100 %\nready\n');
    expect(plainText('abc\b\bXY')).toBe('aXY');
  });
});

describe('cutMiddle', () => {
  it('leaves what fits as it is', () => {
    expect(cutMiddle('a'.repeat(100), 100)).toBe('a'.repeat(100));
  });

  it('says exactly how much it leaves out and stays in the budget', () => {
    const text = Array.from({ length: 2_000 }, (_, i) => `line ${i}`).join(
      '\n'
    );
    const cut = cutMiddle(text, 1_000);
    expect(cut.length).toBeLessThanOrEqual(1_000);
    expect(cut.startsWith('line 0\nline 1\n')).toBe(true);
    expect(cut.endsWith('line 1999')).toBe(true);
    const [head, tail] = cut.split(/\n\[… [\d,]+ characters left out …\]\n/);
    const said = Number(/… ([\d,]+) char/.exec(cut)![1]!.replace(/,/g, ''));
    // The line break before the cut is the one that the note itself brings.
    expect(
      Math.abs(text.length - head!.length - tail!.length - said)
    ).toBeLessThan(2);
  });

  it('does not cut an emoji in two', () => {
    for (let budget = 100; budget < 140; budget++) {
      const cut = cutMiddle('😀'.repeat(400), budget);
      // Half of one does not come through UTF-8.
      const bytes = new TextEncoder().encode(cut);
      expect(new TextDecoder().decode(bytes)).toBe(cut);
    }
  });
});

describe('outputs', () => {
  it('prefers text and says what is not sent', () => {
    expect(
      outputText({
        output_type: 'display_data',
        data: {
          'text/plain': '<Figure size 640x480 with 1 Axes>',
          'image/png': 'iVBORw0KGgo='
        },
        metadata: {}
      })
    ).toBe('<Figure size 640x480 with 1 Axes>\n[image/png, not sent]');
  });

  it('tells an error with its traceback, without colours', () => {
    const error: nbformat.IError = {
      output_type: 'error',
      ename: 'ValueError',
      evalue: 'no',
      traceback: [`${ESC}[0;31mTraceback${ESC}[0m`, 'ValueError: no']
    };
    expect(outputsText([error], 1_000)).toBe(
      '[error]\nTraceback\nValueError: no'
    );
    expect(outputText({ ...error, traceback: [] })).toBe('ValueError: no');
  });

  it('joins streams, also over the parts they came in', () => {
    expect(
      outputsText(
        [stream('10 %\r'), stream('90 %\n'), stream('oh', 'stderr')],
        99
      )
    ).toBe('90 %\n[stderr]\noh');
  });
});

describe('notebookText', () => {
  it('has every cell with what one needs to name it', () => {
    const text = notebookText({
      ...facts,
      unsaved: true,
      activeId: 'c2',
      cells: [
        { ...code(1, '# Sales'), kind: 'markdown', executionCount: null },
        code(2, 'print(1)', '1\n')
      ]
    });
    expect(text).toBe(
      [
        'Notebook sales.ipynb (2 cells, language python, kernel Python 3, with changes that are not saved)',
        '--- cell 1, markdown, id c1 ---\n# Sales',
        '--- cell 2, code, id c2, run as [2], the user is here ---\nprint(1)\n-> output:\n1'
      ].join('\n\n')
    );
  });

  it('first shortens outputs, and keeps every source then', () => {
    const cells = Array.from({ length: 10 }, (_, i) =>
      code(i + 1, `source_${i + 1}()`, 'o'.repeat(5_000))
    );
    const text = notebookText({ ...facts, cells }, 24_000);
    expect(text.length).toBeLessThanOrEqual(24_000);
    for (const cell of cells) {
      expect(text).toContain(cell.source);
    }
    expect(text).toContain('characters left out');
    expect(text).not.toMatch(/cells? \d.* left out/);
  });

  it('then leaves the middle out, says which, and keeps where the user is', () => {
    const cells = Array.from({ length: 200 }, (_, i) =>
      code(i + 1, `x = ${i + 1}\n${'y'.repeat(400)}`)
    );
    const text = notebookText({ ...facts, cells, activeId: 'c100' }, 24_000);
    expect(text.length).toBeLessThanOrEqual(24_000);
    expect(text.length).toBeGreaterThan(20_000);
    for (const id of ['c1', 'c2', 'c99', 'c100', 'c101', 'c199', 'c200']) {
      expect(text).toContain(`id ${id},`);
    }
    const gaps = [...text.matchAll(/cells (\d+) to (\d+) left out/g)];
    const left = gaps.reduce(
      (sum, gap) => sum + Number(gap[2]) - Number(gap[1]) + 1,
      0
    );
    expect(left + text.match(/--- cell/g)!.length).toBe(200);
  });

  it('cuts a single cell that is larger than everything', () => {
    const text = notebookText(
      { ...facts, cells: [code(1, 'z'.repeat(100_000))] },
      24_000
    );
    expect(text.length).toBeLessThanOrEqual(24_000);
    expect(text).toContain('id c1');
  });
});

describe('cells of the live model', () => {
  it('are read as they stand, not as they were saved', () => {
    const notebook = YNotebook.create({ disableDocumentWideUndoRedo: true });
    notebook.insertCell(0, {
      cell_type: 'code',
      source: 'old',
      execution_count: 3,
      outputs: [
        {
          output_type: 'execute_result',
          data: { 'text/plain': '42' },
          metadata: {},
          execution_count: 3
        }
      ]
    });
    notebook.insertCell(1, { cell_type: 'markdown', source: '# Title' });
    notebook.cells[0]!.setSource('new = 42\nnew');
    const [first, second] = liveCells(notebook);
    expect(first).toMatchObject({
      id: notebook.cells[0]!.getId(),
      number: 1,
      kind: 'code',
      source: 'new = 42\nnew',
      executionCount: 3
    });
    expect(second).toMatchObject({ number: 2, kind: 'markdown', outputs: [] });
    expect(cellText(first!)).toBe(
      `--- cell 1, code, id ${first!.id}, run as [3] ---\nnew = 42\nnew\n-> output:\n42`
    );
    notebook.dispose();
  });
});

describe('cells of the stored form', () => {
  it('are read with sources in lines and without ids', () => {
    expect(
      storedCells({
        nbformat: 4,
        nbformat_minor: 4,
        metadata: {},
        cells: [
          {
            cell_type: 'code',
            source: ['a = 1\n', 'a'],
            metadata: {},
            outputs: [],
            execution_count: null
          }
        ]
      })
    ).toEqual([
      {
        id: '#1',
        number: 1,
        kind: 'code',
        source: 'a = 1\na',
        executionCount: null,
        outputs: []
      }
    ]);
  });
});

it('the language is the one that the kernel said, else the one it was chosen for', () => {
  expect(kernelLanguage({ language_info: { name: 'R' } })).toBe('R');
  expect(
    kernelLanguage({
      kernelspec: { name: 'x', display_name: 'X', language: 'julia' }
    })
  ).toBe('julia');
  expect(kernelLanguage({})).toBe('');
  expect(
    kernelLanguage(
      { kernelspec: { name: 'ir', display_name: 'R' } },
      name => ({ ir: 'R' })[name] ?? ''
    )
  ).toBe('R');
});

it('firstLine is the first that says something', () => {
  expect(firstLine('\n\n  import pandas\nx')).toBe('import pandas');
  expect(firstLine('a'.repeat(99), 10)).toBe('aaaaaaaaa…');
});
