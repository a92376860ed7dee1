import { YFile } from '@jupyter/ydoc';
import { describe, expect, it } from 'vitest';
import { difference, setText } from '../texts';

describe('difference', () => {
  const cases: [string, string][] = [
    ['', 'a'],
    ['a', ''],
    ['one two', 'one 2 two'],
    ['aaa', 'aa'],
    ['aa', 'aaa'],
    ['x = 1\ny = 2\n', 'x = 1\nz = 3\ny = 2\n'],
    // The first halves of these two are the same, and so are the second halves of the next two.
    ['a 😀 b', 'a 😁 b'],
    ['\ud83d\ude00', '\ud83c\ude00'],
    ['😀', '😀😀'],
    ['😀😁', '😁']
  ];
  it.each(cases)('turns %j into %j', (before, after) => {
    const change = difference(before, after)!;
    expect(
      before.slice(0, change.start) + change.value + before.slice(change.end)
    ).toBe(after);
    const file = new YFile();
    file.setSource(before);
    setText(file, after);
    expect(file.getSource()).toBe(after);
    file.dispose();
  });

  it('finds none in what is the same', () => {
    expect(difference('same', 'same')).toBeNull();
  });

  it('is only what differs', () => {
    expect(difference('a = 1\nb = 2\nc = 3', 'a = 1\nb = 20\nc = 3')).toEqual({
      start: 11,
      end: 11,
      value: '0'
    });
  });
});
