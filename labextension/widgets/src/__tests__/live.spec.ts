import { describe, expect, it } from 'vitest';
import { applyDelta, entries, merge } from '../live';
import type { Block, IDelta, ILive, IMessage } from '../wire';

function live(...blocks: Block[]): ILive {
  return { turn_id: 't', model: 'p/m', blocks };
}

function text(value: string): Block {
  return { kind: 'text', text: value };
}

function delta(...changes: IDelta['changes']): IDelta {
  return { type: 'delta', turn_id: 't', model: 'p/m', changes };
}

function message(fields: Partial<IMessage>): IMessage {
  return {
    id: 'm',
    role: 'assistant',
    text: '',
    turn_id: 't',
    created_at: '2026-01-01T00:00:00.000Z',
    model: null,
    usage: null,
    cost: null,
    stop_reason: null,
    error: null,
    duration_ms: null,
    attachments: [],
    ...fields
  };
}

describe('applyDelta', () => {
  it('appends what is new', () => {
    const first = applyDelta(live(), delta({ at: 0, block: text('Hel') }));
    const second = applyDelta(
      first.live,
      delta({ at: 0, start: 3, text: 'lo' })
    );
    expect(second).toEqual({ live: live(text('Hello')), gap: false });
  });

  it('takes nothing twice', () => {
    const change = delta({ at: 0, start: 3, text: 'lo' });
    const once = applyDelta(live(text('Hel')), change);
    const twice = applyDelta(once.live, change);
    expect(twice).toEqual({ live: live(text('Hello')), gap: false });
  });

  it('takes of an overlapping piece what is new', () => {
    const { live: after } = applyDelta(
      live(text('Hello')),
      delta({ at: 0, start: 3, text: 'lo, you' })
    );
    expect(after).toEqual(live(text('Hello, you')));
  });

  it('notices what it has missed, in a block and of blocks', () => {
    expect(
      applyDelta(live(text('H')), delta({ at: 0, start: 3, text: 'lo' })).gap
    ).toBe(true);
    expect(applyDelta(live(), delta({ at: 1, start: 0, text: 'x' })).gap).toBe(
      true
    );
    expect(applyDelta(live(), delta({ at: 1, block: text('x') })).gap).toBe(
      true
    );
  });

  it('notices another turn', () => {
    const other = { ...delta(), turn_id: 'other' };
    expect(applyDelta(live(), other).gap).toBe(true);
    expect(applyDelta(null, delta()).gap).toBe(true);
  });

  it('counts as JavaScript does', () => {
    const { live: after, gap } = applyDelta(
      live(text('\u{1F600}')),
      delta({ at: 0, start: 2, text: '!' })
    );
    expect(gap).toBe(false);
    expect(after).toEqual(live(text('\u{1F600}!')));
  });

  it('replaces a tool that has answered', () => {
    const tool: Block = {
      kind: 'tool',
      id: 'c',
      name: 'look',
      args: {},
      state: 'running',
      text: '',
      approval: null,
      question: ''
    };
    const done: Block = { ...tool, state: 'done', text: 'seen' };
    const { live: after } = applyDelta(
      live(tool),
      delta({ at: 0, block: done })
    );
    expect(after?.blocks).toEqual([done]);
  });

  it('leaves what did not change as it was', () => {
    const before = live(text('one'), text('two'));
    const { live: after } = applyDelta(
      before,
      delta({ at: 1, start: 3, text: '!' })
    );
    expect(after?.blocks[0]).toBe(before.blocks[0]);
  });
});

describe('merge', () => {
  it('fills a gap', () => {
    expect(merge(live(text('H')), live(text('Hello')))).toEqual(
      live(text('Hello'))
    );
  });

  it('keeps what came after the state was told', () => {
    expect(merge(live(text('Hello'), text('more')), live(text('Hel')))).toEqual(
      live(text('Hello'), text('more'))
    );
  });

  it('ends with the turn, and takes another one', () => {
    expect(merge(live(text('x')), null)).toBeNull();
    const other = { ...live(), turn_id: 'other' };
    expect(merge(live(text('x')), other)).toBe(other);
  });
});

describe('entries', () => {
  const question = message({ id: 'q', role: 'user', text: 'Why?' });
  const answer = message({ id: 'a', text: 'Because.' });

  it('shows a running answer once, whatever is stored of it', () => {
    const shown = entries([question, answer], live(text('Bec')));
    expect(shown.map(entry => entry.key)).toEqual(['q', 'live-t']);
    expect(shown[1]?.running).toBe(true);
  });

  it('shows the stored answer when the turn is over', () => {
    const shown = entries([question, answer], null);
    expect(shown.map(entry => entry.blocks)).toEqual([
      [text('Why?')],
      [text('Because.')]
    ]);
  });

  it('keeps earlier answers while another turn runs', () => {
    const earlier = message({ id: 'e', turn_id: 'before', text: 'Yes.' });
    const shown = entries([earlier, question], live());
    expect(shown.map(entry => entry.key)).toEqual(['e', 'q', 'live-t']);
  });
});
