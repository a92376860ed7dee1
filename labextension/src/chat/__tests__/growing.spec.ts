// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { growingEnd, isPlain, plainTail } from '../growing';

describe('what stands at the end until it is drawn', () => {
  it('is the words that follow', () => {
    expect(plainTail('One two', 'One two three')).toBe(' three');
  });

  it('ends before what markdown may read as something else', () => {
    expect(plainTail('One', 'One two **three** four')).toBe(' two ');
    expect(plainTail('One', 'One two\n- three')).toBe(' two');
    expect(plainTail('One', 'One [two](three)')).toBe(' ');
    expect(plainTail('$$a', '$$a b')).toBe('');
  });

  it('is nothing where the source does not go on from what was drawn', () => {
    expect(plainTail('One two', 'One three')).toBe('');
  });

  it('is lines of code up to the end of the block', () => {
    expect(plainTail('```py\na = 1', '```py\na = 1\nb = a * 2')).toBe(
      '\nb = a * 2'
    );
    expect(plainTail('```py\na = 1', '```py\na = 1\nb\n```')).toBe('\nb');
    expect(plainTail('```p', '```python')).toBe('');
  });
});

describe('where it stands', () => {
  const end = (html: string) => {
    const node = document.createElement('div');
    node.innerHTML = html;
    return growingEnd(node);
  };

  it('is the last paragraph, wherever it is', () => {
    expect(end('<p>a</p><p id="x">b <strong>c</strong></p>\n')?.id).toBe('x');
    expect(end('<blockquote><p id="x">b</p>\n</blockquote>\n')?.id).toBe('x');
  });

  it("is a list's last entry", () => {
    expect(end('<ul><li>a</li>\n<li id="x">b</li>\n</ul>\n')?.id).toBe('x');
    expect(end('<ul><li id="x">a <em>b</em></li></ul>')?.id).toBe('x');
    expect(end('<ul><li>a\n<ul><li id="x">b</li></ul>\n</li></ul>')?.id).toBe(
      'x'
    );
  });

  it('is the code of a block', () => {
    expect(
      end('<div class="jp-agent-Code"><pre><code id="x">a</code></pre></div>')
        ?.id
    ).toBe('x');
  });

  it('is nowhere after a heading or a table', () => {
    expect(end('<h1>a<a>¶</a></h1>')).toBeNull();
    expect(end('<table><tbody><tr><td>a</td></tr></tbody></table>')).toBeNull();
  });
});

describe('first words', () => {
  it('stand there at once where drawing changes nothing about them', () => {
    expect(isPlain('A p-value is the')).toBe(true);
    expect(isPlain('A **p-value**')).toBe(false);
    expect(isPlain('# A')).toBe(false);
    expect(isPlain('1. A')).toBe(false);
    expect(isPlain('- A')).toBe(false);
  });
});
