import { describe, expect, it } from 'vitest';
import { around, languageOf } from '../around';

describe('around', () => {
  it('is the cell, split at the cursor', () => {
    expect(around('ab', 1)).toEqual({ prefix: 'a', suffix: 'b' });
  });

  it('has the cells around it, without empty ones', () => {
    expect(around('now', 3, ['one\n', ' ', 'two'], ['', 'three'])).toEqual({
      prefix: 'one\n\ntwo\n\nnow',
      suffix: '\n\nthree'
    });
  });

  it('leaves out what is far away', () => {
    const long = 'x'.repeat(7_999);
    const { prefix } = around('now', 3, ['first', long]);
    expect(prefix).toBe('now');
    expect(around('now', 3, [long, 'near']).prefix).toBe('near\n\nnow');
    expect(around('now', 0, [], [long]).suffix).toBe('now');
  });
});

describe('languageOf', () => {
  it.each([
    ['text/x-ipython', 'python'],
    ['text/x-ipythongfm', 'markdown'],
    ['text/x-julia', 'julia'],
    ['text/css', 'css'],
    ['application/json', 'json']
  ])('%s is %s', (type, language) => {
    expect(languageOf(type)).toBe(language);
  });
});
