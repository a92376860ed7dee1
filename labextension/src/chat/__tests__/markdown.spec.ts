import { describe, expect, it } from 'vitest';
import { BlockSplitter, formulas, joined, unfinished } from '../markdown';

const TEXT = [
  '# Title',
  '',
  'A paragraph with $x$ and',
  'a second line.',
  '',
  '1. one',
  '',
  '   more of one',
  '2. two',
  '',
  '```python',
  'a = 1',
  '',
  'b = 2',
  '```',
  '',
  '| a | b |',
  '|---|---|',
  '| 1 | 2 |',
  '',
  '$$',
  'x = 1',
  '',
  'y = 2',
  '$$',
  '',
  '<details>',
  '<summary>More</summary>',
  '',
  'Inside.',
  '',
  '</details>',
  '',
  'The end.'
].join('\n');

function sources(splitter: BlockSplitter, text: string, finished = true) {
  return splitter.split(text, finished).map(block => block.source);
}

describe('BlockSplitter', () => {
  it('keeps together what belongs together, and loses nothing', () => {
    const blocks = sources(new BlockSplitter(), TEXT);
    expect(blocks.join('')).toBe(TEXT);
    expect(blocks.map(block => block.trim().split('\n')[0])).toEqual([
      '# Title',
      'A paragraph with $x$ and',
      '1. one',
      '```python',
      '| a | b |',
      '$$',
      '<details>',
      'The end.'
    ]);
  });

  it('ends in the same blocks however the text grew', () => {
    const whole = sources(new BlockSplitter(), TEXT);
    for (const step of [1, 3, 7, 50]) {
      const splitter = new BlockSplitter();
      for (let end = 0; end < TEXT.length; end += step) {
        splitter.split(TEXT.slice(0, end), false);
      }
      expect(sources(splitter, TEXT)).toEqual(whole);
    }
  });

  it('never changes a block that it called done', () => {
    const splitter = new BlockSplitter();
    const done = new Map<number, string>();
    for (let end = 0; end <= TEXT.length; end++) {
      for (const block of splitter.split(TEXT.slice(0, end), false)) {
        const before = done.get(block.start);
        if (before !== undefined) {
          expect(block.source).toBe(before);
        } else if (block.done) {
          done.set(block.start, block.source);
        }
      }
    }
    expect(done.size).toBe(7);
  });

  it('starts anew for another text', () => {
    const splitter = new BlockSplitter();
    splitter.split('One.\n\nTwo.\n\nThree.', false);
    expect(sources(splitter, 'Another.\n\nText.')).toEqual([
      'Another.\n\n',
      'Text.'
    ]);
  });

  it('gives a block the definitions that it refers to', () => {
    const text = 'See [the docs][d].\n\nPlain.\n\n[d]: https://jupyter.org\n';
    const [first, second] = new BlockSplitter().split(text, true);
    expect(first!.source).toContain('[d]: https://jupyter.org');
    expect(second!.source.trim()).toBe('Plain.');
  });
});

describe('unfinished', () => {
  it('leaves a diagram as it is written until its fence is closed', () => {
    expect(unfinished('```mermaid\ngraph LR\n A --')).toBe(
      '```text\ngraph LR\n A --'
    );
    const whole = '```mermaid\ngraph LR\n A --> B\n```';
    expect(unfinished(whole)).toBe(whole);
    expect(unfinished(`${whole}\n`)).toBe(`${whole}\n`);
    expect(unfinished('~~~~mermaid\na\n~~~')).toBe('~~~~text\na\n~~~');
    expect(unfinished('```python\nx = 1')).toBe('```python\nx = 1');
  });

  it('leaves a formula as it is written until it is closed', () => {
    expect(unfinished('So $$a_1$$ and $$b_2')).toBe(
      'So $$a_1$$ and \\$\\$b\\_2'
    );
    expect(unfinished('$$a_1$$')).toBe('$$a_1$$');
  });
});

describe('joined', () => {
  it('makes fewer blocks of the same text', () => {
    const text = Array.from({ length: 40 }, (_, at) => `Line ${at}`).join(
      '\n\n'
    );
    const blocks = new BlockSplitter().split(text, true);
    const large = joined(blocks, 100);
    expect(large.length).toBeLessThan(blocks.length);
    expect(large.map(block => block.source).join('')).toBe(text);
    expect(large.map(block => block.start)).toEqual(
      [...large.map(block => block.start)].sort((a, b) => a - b)
    );
  });
});

describe('formulas in brackets', () => {
  it('are written as JupyterLab knows them', () => {
    expect(formulas('Let \\( x^2 \\) be.')).toBe('Let $x^2$ be.');
    expect(formulas('\\[\nx^2\n\\]')).toBe('$$\nx^2\n$$');
    expect(formulas('costs $5 \\(a\\) and \\(b\\)')).toBe(
      'costs $5 $a$ and $b$'
    );
  });

  it('stay as they are in code, and while they are not complete', () => {
    for (const source of [
      'Match `\\(a\\)` here',
      '```py\nre.compile("\\(a\\)")\n```',
      '- a\n\n  ```\n  \\[a\\]\n  ```',
      'Let \\( x',
      'a list\\[0\\] of it',
      '```py\nre.compile("\\(a\\)")'
    ]) {
      expect(formulas(source)).toBe(source);
    }
    expect(formulas('`\\(a\\)` and \\(b\\)')).toBe('`\\(a\\)` and $b$');
  });
});

describe('a formula in brackets that grows', () => {
  it('is one block, and stands as it is written until it is complete', () => {
    const text = '\\[\na\n\n- b\n\\]\n\nThen.';
    const splitter = new BlockSplitter();
    const open = splitter.split(text.slice(0, 9), false);
    expect(open).toHaveLength(1);
    expect(unfinished(open[0]!.source)).not.toContain('\n- ');
    expect(formulas(splitter.split(text, true)[0]!.source)).toContain('$$');
  });
});

it('code that looks like a formula ends where it ends', () => {
  const text = '```sh\necho $$\n```\n\nOne.\n\nTwo.\n';
  expect(new BlockSplitter().split(text, true)).toHaveLength(3);
});
