import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import {
  isPart,
  leftOutLabel,
  matches,
  partLabel,
  PARTS,
  roomOf,
  segments,
  select,
  sourceLabel
} from '../parts';
import { item, snapshot } from './fixtures';

const trans = nullTranslator.load('jupyterlab_agent');

describe('segments', () => {
  it('stand in the order sent, with the room that is left', () => {
    const found = segments(snapshot());
    expect(found.map(({ part, tokens }) => [part, tokens])).toEqual([
      ['system_prompt', 100],
      ['history', 400],
      ['message', 100],
      ['free', 400]
    ]);
    expect(found.map(({ share }) => share)).toEqual([0.1, 0.4, 0.1, 0.4]);
  });

  it('are of what was sent where nobody knows the room', () => {
    const found = segments(snapshot({ budget: null, context_window: null }));
    expect(found.map(({ part }) => part)).not.toContain('free');
    expect(found.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('are of what was sent where that is more than there was room for', () => {
    const found = segments(snapshot({ budget: 300 }));
    expect(found.map(({ part }) => part)).not.toContain('free');
    expect(found.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('have what came to nothing in the provider’s count', () => {
    const found = segments(snapshot({ tokens: { tools: 600, message: 0 } }));
    expect(found.map(({ part, tokens }) => [part, tokens])).toEqual([
      ['tools', 600],
      ['message', 0],
      ['free', 400]
    ]);
  });

  it('are none of nothing', () => {
    expect(
      segments(
        snapshot({ tokens: {}, total: 0, budget: null, context_window: null })
      )
    ).toEqual([]);
  });

  it('take the budget before the window', () => {
    expect(roomOf(snapshot())).toBe(1000);
    expect(roomOf(snapshot({ budget: null }))).toBe(2000);
    expect(roomOf(snapshot({ budget: null, context_window: null }))).toBeNull();
  });
});

describe('names', () => {
  it('are another one for each part', () => {
    expect(new Set(PARTS.map(part => partLabel(part, trans))).size).toBe(
      PARTS.length
    );
    expect(isPart('history')).toBe(true);
    expect(isPart('free')).toBe(false);
    expect(isPart(undefined)).toBe(false);
  });

  it('say what was left out, and who counted', () => {
    expect(leftOutLabel({ what: 'history', count: 1 }, trans)).toBe(
      '1 earlier message'
    );
    expect(leftOutLabel({ what: 'history', count: 8 }, trans)).toBe(
      '8 earlier messages'
    );
    expect(sourceLabel(snapshot(), trans)).toContain('o200k_base');
    expect(sourceLabel(snapshot({ source: 'estimate' }), trans)).toContain(
      'characters'
    );
  });
});

describe('searching', () => {
  const items = [
    item({
      part: 'system_prompt',
      role: 'system',
      title: 'System prompt',
      content: 'Be concise.'
    }),
    item({ content: 'Merge a and b. MERGE again.' }),
    item({
      part: 'tools',
      role: 'system',
      title: 'merge_cells',
      content: '{}'
    }),
    item({ title: 'nothing kept', content: null })
  ];

  it('finds words whatever their capitals', () => {
    expect(matches('Merge a and MERGE', 'merge')).toEqual([
      [0, 5],
      [12, 17]
    ]);
    expect(matches('aaaa', 'aa')).toEqual([
      [0, 2],
      [2, 4]
    ]);
    expect(matches('abc', '  ')).toEqual([]);
    expect(matches('a.c', '.')).toEqual([[1, 2]]);
  });

  it('does not shift where a letter is longer when it is small', () => {
    // The small one of this letter is two.
    const content = 'İİ merge';
    expect(content.toLowerCase().length).not.toBe(content.length);
    const [[from, to] = [0, 0]] = matches(content, 'merge');
    expect(content.slice(from, to)).toBe('merge');
  });

  it('looks into titles and contents of a part, or all', () => {
    expect(select(items, null, '')).toHaveLength(4);
    expect(select(items, 'message', '')).toHaveLength(2);
    expect(select(items, null, 'merge').map(({ title }) => title)).toEqual([
      'You',
      'merge_cells'
    ]);
    expect(select(items, 'system_prompt', 'merge')).toEqual([]);
  });
});
