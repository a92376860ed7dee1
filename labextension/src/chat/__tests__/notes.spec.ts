import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import type { EventType } from '../../api/types';
import { applyEvent } from '../events';
import { blank, type IExchange } from '../model';
import { noteText, outcome } from '../wording';

const trans = nullTranslator.load('jupyterlab_agent');

function after(...events: [EventType, Record<string, unknown>][]): IExchange {
  return events.reduce<IExchange>(
    (exchange, [type, data], index) =>
      applyEvent(exchange, { index, type, data }, 0),
    { ...blank('a', 0), state: 'running' }
  );
}

function lines(exchange: IExchange): string[] {
  return exchange.blocks.map(block =>
    block.kind === 'note'
      ? noteText(block.note, trans)
      : block.kind === 'text'
        ? block.text
        : block.kind
  );
}

describe('what was done about a turn', () => {
  it('is told in lines between what was said', () => {
    const exchange = after(
      ['content', { delta: 'One ' }],
      ['compaction', { strategy: 'shorten', before: 12_300, after: 4100 }],
      ['content', { delta: 'two' }]
    );
    expect(lines(exchange)).toEqual([
      'One ',
      'Long results were cut for the model: 12,300 tokens became 4,100',
      'two'
    ]);
  });

  it('names the model that stands in, and the one that failed', () => {
    const exchange = after(
      ['model_selected', { provider: 'p', model: 'a', strategy: 'default' }],
      [
        'model_selected',
        {
          provider: 'q',
          model: 'b',
          strategy: 'fallback',
          fallback_from: { provider: 'p', model: 'a' }
        }
      ]
    );
    expect(lines(exchange)).toEqual(['Asked b, since a failed']);
    expect([exchange.provider, exchange.model]).toEqual(['q', 'b']);
  });

  it('warns of a budget, and leaves a hard one to the end', () => {
    const reached = { scope: 'day', spent: '0.41', limit: '0.40' };
    const exchange = after(
      ['budget', { level: 'soft', ...reached }],
      ['budget', { level: 'hard', ...reached }],
      ['budget', { level: 'soft' }]
    );
    expect(lines(exchange)).toEqual(['Budget of a day: $0.41 of $0.40 spent']);
  });

  it('says which budget ended it, and how to go on', () => {
    const end = outcome(
      after([
        'turn_finished',
        {
          stop_reason: 'budget',
          budget: { scope: 'month', spent: '9.98', limit: '10' }
        }
      ]),
      trans
    );
    expect(end?.title).toBe('The budget is used up');
    expect(end?.detail).toBe('Budget of a month: $9.98 of $10.00 spent');
    expect(end?.remedies).toEqual(['budget', 'continue', 'model']);
  });
});
