import { describe, expect, it } from 'vitest';
import type { ICostRow } from '../../api/types';
import {
  bucketsOf,
  grouped,
  modelKey,
  NOTHING,
  OTHERS,
  periodOf,
  seriesOf,
  spanOf,
  sumRows,
  unitOf,
  unpricedModels,
  valueOf
} from '../report';
import { readSavedCosts, savedUnit } from '../saved';

const DAY = 86_400_000;

function row(part: Partial<ICostRow>): ICostRow {
  return {
    ...NOTHING,
    time: '2026-11-20T00:00:00.000Z',
    provider: 'p',
    model: 'm',
    session_id: null,
    title: null,
    purpose: null,
    user: null,
    average_ms: null,
    average_first_token_ms: null,
    ...part
  };
}

describe('what is asked for', () => {
  it('is as fine as can be read', () => {
    expect(unitOf({ period: '24h' })).toBe('hour');
    expect(unitOf({ period: '30d' })).toBe('day');
    expect(unitOf({ period: '1y' })).toBe('week');
    const own = (days: number) =>
      unitOf({ period: null, from: 0, to: days * DAY });
    expect([own(1), own(14), own(200), own(2000)]).toEqual([
      'hour',
      'day',
      'week',
      'month'
    ]);
  });

  it('is a period, or a time of its own', () => {
    expect(spanOf({ period: '7d' })).toEqual({ period: '7d' });
    expect(spanOf({ period: null, from: 0, to: DAY })).toEqual({
      start: '1970-01-01T00:00:00.000Z',
      end: '1970-01-02T00:00:00.000Z'
    });
  });

  it('is the shortest period that has all of it, where only periods are known', () => {
    const now = 400 * DAY;
    const of = (from: number) => periodOf({ period: null, from, to: now }, now);
    expect(of(now - DAY / 2)).toBe('24h');
    expect(of(now - 8 * DAY)).toBe('30d');
    expect(of(0)).toBe('all');
    expect(periodOf({ period: '90d' }, now)).toBe('90d');
  });
});

describe('sums', () => {
  const rows = [
    row({ model: 'a', cost: '0.1', requests: 1, input: 5, output: 1 }),
    row({ model: 'a', cost: '0.2', requests: 2, input: 7, unpriced: 1 }),
    row({ model: 'b', cost: '0.3', requests: 1, errors: 1 }),
    row({ model: 'c', cost: '0', requests: 4, unpriced: 4, output: 9 })
  ];

  it('are exact', () => {
    expect(sumRows(rows)).toMatchObject({
      cost: '0.60',
      requests: 8,
      errors: 1,
      input: 12,
      output: 10,
      unpriced: 5
    });
  });

  it('stand with the most costly first, and those alike by tokens', () => {
    expect(
      grouped(rows, modelKey).map(one => [one.key, one.totals.cost])
    ).toEqual([
      ['p/a', '0.30'],
      ['p/b', '0.30'],
      ['p/c', '0.00']
    ]);
  });

  it('name the models whose price nobody knows', () => {
    expect(unpricedModels(rows)).toEqual([
      { provider: 'p', model: 'a', count: 1 },
      { provider: 'p', model: 'c', count: 4 }
    ]);
  });

  it('are drawn as what is wanted', () => {
    expect(valueOf(rows[0]!, 'cost')).toBe(0.1);
    expect(valueOf(rows[0]!, 'tokens')).toBe(6);
    expect(valueOf(rows[0]!, 'requests')).toBe(1);
  });
});

describe('a chart', () => {
  it('has the others in one series, and every hour of the time', () => {
    const items = Array.from({ length: 12 }, (_, index) =>
      row({
        model: `m${index}`,
        cost: String(100 - index),
        requests: 1,
        time: '2026-11-21T00:00:00.000Z'
      })
    );
    const series = seriesOf(items, 3);
    expect(series.map(one => one.key)).toEqual([
      'p/m0',
      'p/m1',
      'p/m2',
      OTHERS
    ]);
    expect(series[3]!.totals.requests).toBe(9);
    const buckets = bucketsOf(
      {
        items,
        start: '2026-11-20T00:00:00.000Z',
        end: '2026-11-22T12:00:00.000Z',
        timezone: 'UTC'
      },
      'day',
      series,
      'cost'
    );
    expect(buckets).toHaveLength(3);
    expect(buckets[0]!.values).toEqual({});
    expect(buckets[1]!.values['p/m0']).toBe(100);
    const all = Object.values(buckets[1]!.values).reduce((a, b) => a + b, 0);
    expect(all).toBe(items.reduce((sum, one) => sum + Number(one.cost), 0));
  });

  it('does not put one model alone into the others', () => {
    const items = [row({ model: 'a' }), row({ model: 'b' })];
    expect(seriesOf(items, 1).map(one => one.model)).toEqual(['a', 'b']);
  });

  it('has the days as they begin in the zone of the report', () => {
    const items = [row({ time: '2026-11-20T15:00:00.000Z', cost: '1' })];
    const buckets = bucketsOf(
      {
        items,
        start: '2026-11-20T15:00:00.000Z',
        end: '2026-11-22T03:00:00.000Z',
        timezone: 'Asia/Tokyo'
      },
      'day',
      seriesOf(items),
      'cost'
    );
    expect(buckets.map(one => new Date(one.time).toISOString())).toEqual([
      '2026-11-20T15:00:00.000Z',
      '2026-11-21T15:00:00.000Z'
    ]);
    expect(buckets[0]!.values).toEqual({ 'p/m': 1 });
  });

  it('has what there is where the zone is not known, or nothing', () => {
    const report = {
      items: [row({ cost: '1' })],
      start: null,
      end: '2026-11-22T03:00:00.000Z',
      timezone: 'Mars/Olympus'
    };
    expect(
      bucketsOf(report, 'day', seriesOf(report.items), 'cost')
    ).toHaveLength(1);
    expect(bucketsOf({ ...report, items: [] }, 'day', [], 'cost')).toEqual([]);
  });
});

describe('costs in a notebook', () => {
  it('are read, also where fields are missing', () => {
    const saved = readSavedCosts({
      version: 1,
      report: {
        period: '30d',
        end: '2026-11-22T00:00:00.000Z',
        timezone: 'UTC',
        by: ['day', 'model'],
        items: [{ model: 'm', provider: 'p', cost: '0.5', requests: 1 }]
      },
      budgets: null
    });
    expect(saved?.report.totals.cost).toBe('0.50');
    expect(saved?.report.items[0]!.unpriced).toBe(0);
    expect(saved?.budgets).toEqual([]);
    expect(savedUnit(saved!.report)).toBe('day');
  });

  it('are refused where they are something else', () => {
    expect(readSavedCosts({ version: 2, report: { items: [] } })).toBeNull();
    expect(readSavedCosts('<img>')).toBeNull();
    expect(readSavedCosts({ version: 1 })).toBeNull();
  });
});
