import { describe, expect, it } from 'vitest';
import { best, fit, step, triggerAt, withoutTrigger } from '../menu';
import type { IModel, IProvider } from '../../api/types';
import { groupModels, tokens, withRecent } from '../models';
import { within } from '../pictures';

describe('what the menu completes', () => {
  it.each([
    ['@', 1, { kind: 'context', start: 0, end: 1, query: '' }],
    ['look @no', 8, { kind: 'context', start: 5, end: 8, query: 'no' }],
    [
      'a\n@dir/file',
      11,
      { kind: 'context', start: 2, end: 11, query: 'dir/file' }
    ],
    ['@one and @two', 4, { kind: 'context', start: 0, end: 4, query: 'one' }],
    ['/', 1, { kind: 'command', start: 0, end: 1, query: '' }],
    ['/mod', 4, { kind: 'command', start: 0, end: 4, query: 'mod' }]
  ])('%j at %i', (text, caret, expected) => {
    expect(triggerAt(text, caret)).toEqual(expected);
  });

  it.each([
    ['mail me@example.org', 19],
    ['@done ', 6],
    ['say /new', 8],
    ['//', 2],
    ['/etc/hosts', 10],
    [' /new', 5],
    ['/model gpt', 10],
    [`@${'x'.repeat(81)}`, 82]
  ])('%j at %i is none', (text, caret) => {
    expect(triggerAt(text, caret)).toBeNull();
  });

  it('leaves the text without it, and one space between words', () => {
    const text = 'look at @no please';
    expect(withoutTrigger(text, triggerAt(text, 11)!)).toEqual({
      text: 'look at please',
      caret: 8
    });
    expect(withoutTrigger('@no', triggerAt('@no', 3)!)).toEqual({
      text: '',
      caret: 0
    });
  });
});

describe('what fits', () => {
  it('puts the name itself first, then its beginning, a word in it, any part', () => {
    const names = ['unsaved', 'my data', 'sad', 'data', 'database'];
    expect(best(names, 'DATA', name => [name])).toEqual([
      'data',
      'database',
      'my data'
    ]);
    expect(fit('sa', 'unsaved')).toBeGreaterThan(0);
    expect(fit('zz', 'unsaved')).toBe(0);
  });

  it('keeps the order where all fit alike, and prefers what a thing is called to what it does', () => {
    expect(best(['b', 'a'], '', name => [name])).toEqual(['b', 'a']);
    const commands = [
      { name: 'x', does: 'new' },
      { name: 'new', does: 'x' }
    ];
    expect(
      best(commands, 'new', one => [one.name, one.does]).map(one => one.name)
    ).toEqual(['new', 'x']);
  });

  it('goes around the ends', () => {
    expect(step(2, 1, 3)).toBe(0);
    expect(step(0, -1, 3)).toBe(2);
    expect(step(0, 1, 0)).toBe(-1);
  });
});

describe('the list of models', () => {
  const provider = (id: string, state: string) =>
    ({
      id,
      name: id.toUpperCase(),
      state,
      next_action: `Set up ${id}.`
    }) as IProvider;
  const model = (of: string, id: string, available = true) =>
    ({
      id,
      name: id,
      provider: of,
      provider_name: of.toUpperCase(),
      available,
      reason: available ? null : `Set up ${of}.`
    }) as IModel;
  const providers = [provider('new', 'needs_key'), provider('one', 'ready')];
  const models = [
    model('new', 'big', false),
    ...'abcdef'.split('').map(id => model('one', `small-${id}`))
  ];

  it('has those that can be used first, and says what the others need', () => {
    expect(
      groupModels(models, providers, '').map(group => [group.key, group.reason])
    ).toEqual([
      ['one', null],
      ['new', 'Set up new.']
    ]);
  });

  it('finds by model and by provider', () => {
    const found = (wanted: string) =>
      groupModels(models, providers, wanted).map(group => [
        group.key,
        group.models.length
      ]);
    expect(found('small-c')).toEqual([['one', 1]]);
    expect(found('NEW')).toEqual([['new', 1]]);
    expect(found('nothing')).toEqual([]);
  });

  it('repeats what was used last at the top of a long list, where it can be used', () => {
    const recent = [
      { provider: 'new', model: 'big' },
      { provider: 'one', model: 'small-f' }
    ];
    const [first] = groupModels(models, providers, '', recent);
    expect(first!.name).toBeNull();
    expect(first!.models.map(one => one.id)).toEqual(['small-f']);
    expect(groupModels(models, providers, 'small', recent)[0]!.key).toBe('one');
    expect(groupModels(models.slice(0, 4), providers, '', recent)[0]!.key).toBe(
      'one'
    );
  });

  it('remembers each choice once, the last one first', () => {
    const choice = (id: string) => ({ provider: 'one', model: id });
    const recent = ['a', 'b', 'a', 'c', 'd', 'e'].reduce(
      (before: { provider: string; model: string }[], id) =>
        withRecent(before, choice(id)),
      []
    );
    expect(recent.map(one => one.model)).toEqual(['e', 'd', 'c', 'a']);
  });

  it('says numbers of tokens in few digits', () => {
    expect([800, 8192, 128_000, 1_000_000, 1_050_000].map(tokens)).toEqual([
      '800',
      '8k',
      '128k',
      '1M',
      '1.1M'
    ]);
  });
});

describe('the size of pictures', () => {
  it('is within 2048 pixels, in proportion', () => {
    expect(within(4096, 1024)).toEqual({
      width: 2048,
      height: 512,
      smaller: true
    });
    expect(within(800, 600)).toEqual({
      width: 800,
      height: 600,
      smaller: false
    });
    expect(within(10_000, 1)).toEqual({
      width: 2048,
      height: 1,
      smaller: true
    });
  });
});
