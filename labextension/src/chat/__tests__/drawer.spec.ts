import { describe, expect, it } from 'vitest';
import type { ISearchHit, ISession } from '../../api/types';
import { bestHits, byDay, pieces, plainPreview } from '../drawer';

function session(id: string, at: Date): ISession {
  return { id, last_activity_at: at.toISOString() } as ISession;
}

function hit(more: Partial<ISearchHit>): ISearchHit {
  return { kind: 'message', session_id: 's', ...more } as ISearchHit;
}

describe('byDay', () => {
  it('groups by the calendar of the reader and keeps the order', () => {
    const now = new Date(2026, 5, 15, 0, 30);
    const groups = byDay(
      [
        session('a', new Date(2026, 5, 15, 0, 10)),
        session('b', new Date(2026, 5, 14, 23, 59)),
        session('c', new Date(2026, 5, 14, 0, 0)),
        session('d', new Date(2026, 5, 8, 0, 0)),
        session('e', new Date(2026, 5, 7, 23, 59))
      ],
      now.getTime()
    );
    expect(
      groups.map(group => [group.day, group.sessions.map(item => item.id)])
    ).toEqual([
      ['today', ['a']],
      ['yesterday', ['b', 'c']],
      ['week', ['d']],
      ['older', ['e']]
    ]);
  });

  it('leaves out a day without chats', () => {
    const now = new Date(2026, 5, 15, 12).getTime();
    expect(byDay([], now)).toEqual([]);
    expect(
      byDay([session('a', new Date(2020, 0, 1))], now).map(group => group.day)
    ).toEqual(['older']);
  });
});

describe('pieces', () => {
  it('marks what stands between the signs', () => {
    expect(pieces('a \uE000b\uE001 <c> \uE000d\uE001')).toEqual([
      { text: 'a ', marked: false },
      { text: 'b', marked: true },
      { text: ' <c> ', marked: false },
      { text: 'd', marked: true }
    ]);
    expect(pieces('none')).toEqual([{ text: 'none', marked: false }]);
    expect(pieces('')).toEqual([]);
  });
});

describe('bestHits', () => {
  it('takes of each session the first that is in a message', () => {
    const best = bestHits([
      hit({ kind: 'title', session_id: 'a', message_id: null }),
      hit({ session_id: 'a', message_id: 'm1' }),
      hit({ session_id: 'b', message_id: 'm2' }),
      hit({ session_id: 'a', message_id: 'm3' })
    ]);
    expect([...best].map(([id, found]) => [id, found.message_id])).toEqual([
      ['a', 'm1'],
      ['b', 'm2']
    ]);
  });
});

describe('plainPreview', () => {
  it.each([
    ['## A mean of many rolls', 'A mean of many rolls'],
    ['It is **strong**, *soft* and __both__', 'It is strong, soft and both'],
    ['Call `mean(x)`: ```python print(1) ```', 'Call mean(x): print(1)'],
    [
      'See [the docs](https://a.b/c) and ![a plot](p.png)',
      'See the docs and a plot'
    ],
    ['- one - two', 'one - two'],
    ['1. first 2. second', 'first 2. second'],
    ['> said ~~never~~ once', 'said never once'],
    ['| a | b | |---|--:| | 1 | 2 |', '| a | b | | 1 | 2 |']
  ])('%s', (line, plain) => {
    expect(plainPreview(line)).toBe(plain);
  });

  it.each([
    'snake_case_name and __init__.py',
    'C# is 2 * 3 * 4',
    'a[1](x y)',
    '2**3 and f(**options)',
    '-5 is less'
  ])('leaves alone what is none of Markdown: %s', line => {
    expect(plainPreview(line)).toBe(line);
  });

  it('leaves a text of marks alone, and an empty one', () => {
    expect(plainPreview('```')).toBe('```');
    expect(plainPreview('')).toBe('');
  });
});
