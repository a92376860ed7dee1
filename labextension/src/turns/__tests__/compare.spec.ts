import { describe, expect, it } from 'vitest';
import { compareContexts } from '../compare';
import { item, snapshot } from './fixtures';

const system = item({
  part: 'system_prompt',
  role: 'system',
  title: 'System prompt',
  sha256: 's',
  tokens: 50,
  content: 'Be concise.'
});
const tool = item({
  part: 'tools',
  role: 'system',
  title: 'edit_cell',
  sha256: 't',
  tokens: 30,
  content: '{}'
});

describe('compareContexts', () => {
  it('finds nothing between two that are alike', () => {
    const one = snapshot({ items: [system, tool, tool] });
    const change = compareContexts(one, one);
    expect(change.same).toBe(3);
    expect(change.sameTokens).toBe(110);
    expect([change.added, change.removed, change.changed]).toEqual([
      [],
      [],
      []
    ]);
    expect(change.parts.every(({ first, second }) => first === second)).toBe(
      true
    );
  });

  it('says what is only in one, as often as it is there', () => {
    const change = compareContexts(
      snapshot({ items: [system, tool, tool] }),
      snapshot({ items: [system, tool, item({ sha256: 'm' })] })
    );
    expect(change.same).toBe(2);
    expect(change.removed).toEqual([tool]);
    expect(change.added.map(({ sha256 }) => sha256)).toEqual(['m']);
    expect(change.changed).toEqual([]);
  });

  it('pairs what stands in the same place with other words', () => {
    const other = { ...system, sha256: 'x', content: 'Be long.' };
    const change = compareContexts(
      snapshot({ items: [system] }),
      snapshot({ items: [other, tool] })
    );
    expect(change.changed).toEqual([{ first: system, second: other }]);
    expect(change.added).toEqual([tool]);
    expect(change.removed).toEqual([]);
  });

  it('does not take another message of the conversation for a changed one', () => {
    const said = (sha256: string, content: string) =>
      item({ part: 'history', title: 'You', sha256, content });
    const short = said('1', 'The answer is 42, and here is why, in full.');
    const cut = said('2', 'The answer is 42, and here is [cut]');
    const another = said('3', 'Plot the residuals of the second model.');
    const change = compareContexts(
      snapshot({ items: [short] }),
      snapshot({ items: [another, cut] })
    );
    expect(change.changed).toEqual([{ first: short, second: cut }]);
    expect(change.added).toEqual([another]);
  });

  it('has each part that one of them has', () => {
    const change = compareContexts(
      snapshot({ tokens: { history: 10 } }),
      snapshot({ tokens: { tools: 5 } })
    );
    expect(change.parts).toEqual([
      { part: 'tools', first: 0, second: 5 },
      { part: 'history', first: 10, second: 0 }
    ]);
  });
});
