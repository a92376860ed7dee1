import { describe, expect, it } from 'vitest';
import { asCell, kernelFor, languageName } from '../blocks';

describe('asCell', () => {
  const cases: [string, string | null, string, string, string][] = [
    ['x = 1\n', 'python', 'python', 'code', 'x = 1'],
    ['x = 1\n', null, 'python', 'code', 'x = 1'],
    ['# Title\n', 'markdown', 'python', 'markdown', '# Title'],
    ['# Title\n', 'md', 'R', 'markdown', '# Title'],
    ['ls -l\n', 'bash', 'python', 'code', '!ls -l'],
    ['ls\npwd\n', 'sh', 'python', 'code', '%%bash\nls\npwd'],
    ['ls\npwd\n', 'sh', 'bash', 'code', 'ls\npwd'],
    ['ls\n', 'bash', 'R', 'code', 'ls'],
    ['pip install pandas\n', 'bash', 'python', 'code', '%pip install pandas'],
    ['cd data\n', 'shell', 'python', 'code', '%cd data'],
    ['!ls\n', 'bash', 'python', 'code', '!ls'],
    ['$ ls\na.txt\n$ pwd\n', 'console', 'python', 'code', '%%bash\nls\npwd'],
    ['<b>hi</b>', 'html', 'python', 'code', '%%html\n<b>hi</b>'],
    ['let a', 'js', 'python', 'code', '%%javascript\nlet a'],
    ['let a', 'js', 'javascript', 'code', 'let a'],
    ['select 1', 'sql', 'python', 'code', 'select 1']
  ];
  it.each(cases)(
    '%j of %s for a kernel of %s',
    (code, language, kernel, kind, source) => {
      expect(asCell(code, language, kernel)).toEqual({ kind, source });
    }
  );
});

describe('kernelFor', () => {
  const python = {
    name: 'python3',
    displayName: 'Python 3',
    language: 'python'
  };
  const other = { name: 'py-gpu', displayName: 'GPU', language: 'python' };
  const julia = { name: 'julia-1.11', displayName: 'Julia', language: 'julia' };
  const all = [other, python, julia];

  it('takes the one of the language, the default one first', () => {
    expect(kernelFor('py', all, 'python3')).toBe(python);
    expect(kernelFor('jl', all, 'python3')).toBe(julia);
    expect(kernelFor('python', all, 'julia-1.11')).toBe(other);
  });

  it('falls back to the default one', () => {
    expect(kernelFor('cobol', all, 'python3')).toBe(python);
    expect(kernelFor(null, all, 'python3')).toBe(python);
    expect(kernelFor('markdown', all, 'julia-1.11')).toBe(julia);
    expect(kernelFor('python', [], '')).toBeNull();
  });
});

it('a language has one name', () => {
  expect(['Python3', 'ipython', 'py'].map(languageName)).toEqual([
    'python',
    'python',
    'python'
  ]);
  expect(languageName(undefined)).toBe('');
});
