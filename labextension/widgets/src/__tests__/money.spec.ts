import { describe, expect, it } from 'vitest';
import type { ICostReport, ICostRow } from '../../../src/api/types';
import { budgetName, nameOf, OTHERS, SERIES, shownCosts } from '../money';

const DAY = 24 * 3600 * 1000;

function row(fields: Partial<ICostRow>): ICostRow {
  return {
    time: null,
    provider: 'p',
    model: 'm',
    session_id: null,
    title: null,
    purpose: null,
    user: null,
    average_ms: null,
    average_first_token_ms: null,
    requests: 1,
    errors: 0,
    input: 100,
    output: 50,
    cache_read: 0,
    cache_write: 0,
    cost: '0.1',
    saved: '0',
    unpriced: 0,
    ...fields
  };
}

function report(items: ICostRow[], by: string[]): ICostReport {
  return {
    items,
    total: items.length,
    limit: 1000,
    offset: 0,
    period: '7d',
    // Midnight in Berlin, before the clocks go forward.
    start: '2026-03-27T23:00:00.000Z',
    end: '2026-03-30T22:00:00.000Z',
    timezone: 'Europe/Berlin',
    by,
    totals: {}
  } as ICostReport;
}

describe('shownCosts', () => {
  it('adds money exactly, the most costly first', () => {
    const items = [
      row({ model: 'small', cost: '0.1' }),
      row({ model: 'small', cost: '0.2' }),
      row({ model: 'large', cost: '0.300000000000000001' })
    ];
    const { series, measure } = shownCosts(report(items, ['model']));
    expect(measure).toBe('cost');
    expect(series.map(one => [one.key, one.cost])).toEqual([
      ['p/large', '0.300000000000000001'],
      ['p/small', '0.30']
    ]);
    expect(series[1]).toMatchObject({ requests: 2, tokens: 300, hue: 1 });
  });

  it('has every day, also those without a request and the short one', () => {
    const items = [row({ time: '2026-03-29T22:00:00.000Z' })];
    const { buckets, unit } = shownCosts(report(items, ['day', 'model']));
    expect(unit).toBe('day');
    expect(buckets.map(one => one.values)).toEqual([{}, {}, { 'p/m': 0.1 }]);
    expect(buckets[1]!.time - buckets[0]!.time).toBe(DAY);
    expect(buckets[2]!.time - buckets[1]!.time).toBe(23 * 3600 * 1000);
  });

  it('shows tokens where nothing has a price', () => {
    const items = [row({ time: '2026-03-29T22:00:00.000Z', cost: '0' })];
    const { buckets, measure } = shownCosts(report(items, ['day', 'model']));
    expect(measure).toBe('tokens');
    expect(buckets[2]!.values).toEqual({ 'p/m': 150 });
  });

  it('puts what comes after the first series together', () => {
    const time = '2026-03-29T22:00:00.000Z';
    const items = Array.from({ length: SERIES + 3 }, (_, index) =>
      row({ time, model: `m${index}`, cost: String(100 - index) })
    );
    const { buckets, series } = shownCosts(report(items, ['day', 'model']));
    expect(series).toHaveLength(SERIES + 3);
    expect(buckets[2]!.values[OTHERS]).toBe(94 + 93 + 92);
    expect(series[SERIES]!.hue).toBe(series[SERIES + 2]!.hue);
  });

  it('names what has no name', () => {
    const bare = row({ provider: null, model: null });
    expect(shownCosts(report([bare], ['day'])).series[0]!.key).toBe(
      'Everything'
    );
    expect(shownCosts(report([bare], ['session'])).series[0]!.key).toBe(
      'No session'
    );
    expect(nameOf(row({ session_id: 's1', title: '' }))).toBe('p/m · s1');
  });
});

describe('budgetName', () => {
  it('says whose it is', () => {
    expect(
      budgetName({ scope: 'session', session_id: 's1', source: 'user' })
    ).toBe('Session s1');
    expect(
      budgetName({ scope: 'day', session_id: null, source: 'admin' })
    ).toBe('Today (by the administrator)');
  });
});
