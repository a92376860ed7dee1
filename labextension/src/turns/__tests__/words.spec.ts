import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { numbersIn } from '../../charts/numbers';
import {
  costText,
  durationOf,
  evidenceText,
  readReached,
  reachedSentence,
  spanLabel,
  statusOf
} from '../words';
import { trace, turn, USAGE } from './fixtures';

const trans = nullTranslator.load('jupyterlab_agent');
const numbers = numbersIn('en_US');

describe('words', () => {
  it('say how a turn stands', () => {
    expect(statusOf(turn(), trans)).toEqual({
      tone: 'good',
      label: 'Finished'
    });
    expect(statusOf(turn({ status: 'waiting' }), trans).label).toBe(
      'Waits for you'
    );
    expect(statusOf(turn({ stop_reason: 'budget' }), trans).tone).toBe(
      'warning'
    );
    expect(
      statusOf(
        turn({
          stop_reason: null,
          error: { code: 'x', message: 'y', retryable: false }
        }),
        trans
      ).tone
    ).toBe('error');
  });

  it('count the time from the work, or from the beginning', () => {
    expect(durationOf(turn(), 0)).toBe(2000);
    const running = turn({ started_at: null, finished_at: null });
    expect(durationOf(running, Date.parse('2026-01-01T10:00:07Z'))).toBe(7000);
  });

  it('say what it cost, exactly where it is small', () => {
    expect(costText(USAGE, numbers, trans)).toBe('$0.0123');
    expect(costText({ ...USAGE, cost: null }, numbers, trans)).toBe(
      'no price known'
    );
    expect(costText({ ...USAGE, cost: '0' }, numbers, trans)).toBe('free');
  });

  it('say which budget was reached', () => {
    const reached = readReached({ scope: 'day', spent: '0.52', limit: '0.5' });
    expect(
      reachedSentence(reached!, value => numbers.money(value), trans)
    ).toBe('Budget of a day: $0.52 of $0.50 spent');
    expect(readReached(null)).toBeNull();
    expect(readReached({ spent: '1' })).toBeNull();
  });

  it('name spans for people', () => {
    const [span] = trace({
      spans: [
        {
          id: 'a',
          parent_id: null,
          kind: 'request',
          name: 'chat gpt-5-mini',
          started_at: '',
          finished_at: null,
          duration_ms: null,
          status: 'ok',
          message: '',
          attributes: {},
          ref: null
        }
      ]
    }).spans;
    expect(spanLabel(span!, trans)).toBe('Asked gpt-5-mini');
    expect(
      spanLabel(
        { ...span!, kind: 'tool', name: 'execute_tool edit_cell' },
        trans
      )
    ).toBe('edit_cell');
  });

  it('give numbers their units', () => {
    const text = (
      value: number,
      unit: 'ratio' | 'tokens' | 'usd' | 'calls' | 'ms' | ''
    ) => evidenceText({ value, unit }, numbers, trans);
    expect(text(0.95, 'ratio')).toBe('95%');
    expect(text(1, 'tokens')).toBe('1 token');
    expect(text(12_345, 'tokens')).toBe('12,345 tokens');
    expect(text(0.05, 'usd')).toBe('$0.05');
    expect(text(3, 'calls')).toBe('3 calls');
    expect(text(1500, 'ms')).toBe('1.5 s');
    expect(text(2.345, '')).toBe('2.35');
  });
});
