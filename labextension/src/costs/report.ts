/** What a report of costs says: series over time, sums by model. Pure. */
import type { ICostRow, ITotals } from '../api/types';
import type { IBucket } from '../charts/area';
import { addMoney, compareMoney } from '../charts/money';
import { hueAt, REST_HUE } from '../charts/palette';
import { bucketsBetween, knowsZone, type Unit } from '../charts/zones';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const PERIODS = ['24h', '7d', '30d', '90d', '1y'] as const;
export type PeriodName = (typeof PERIODS)[number];

/** What is looked at: the last days, or from one moment to before another one. */
export type Choice =
  { period: PeriodName } | { period: null; from: number; to: number };

/** What is drawn. */
export type Metric = 'cost' | 'tokens' | 'requests';

/** What sums are of, one upon the other: as fine as can be read. */
export function unitOf(choice: Choice): Unit {
  switch (choice.period) {
    case '24h':
      return 'hour';
    case '7d':
    case '30d':
    case '90d':
      return 'day';
    case '1y':
      return 'week';
    case null: {
      const length = choice.to - choice.from;
      return length <= 3 * DAY
        ? 'hour'
        : length <= 100 * DAY
          ? 'day'
          : length <= 800 * DAY
            ? 'week'
            : 'month';
    }
  }
}

/** How the server is asked for it. */
export function spanOf(choice: Choice): {
  period?: string;
  start?: string;
  end?: string;
} {
  return choice.period === null
    ? {
        start: new Date(choice.from).toISOString(),
        end: new Date(choice.to).toISOString()
      }
    : { period: choice.period };
}

/** For what is asked for by a period only: the shortest that has all of it. */
export function periodOf(choice: Choice, now: number): string {
  if (choice.period !== null) {
    return choice.period;
  }
  const back = now - choice.from;
  const lengths: [number, string][] = [
    [DAY, '24h'],
    [7 * DAY, '7d'],
    [30 * DAY, '30d'],
    [90 * DAY, '90d'],
    [365 * DAY, '1y']
  ];
  return lengths.find(([length]) => back <= length)?.[1] ?? 'all';
}

export const NOTHING: ITotals = {
  requests: 0,
  errors: 0,
  input: 0,
  output: 0,
  cache_read: 0,
  cache_write: 0,
  cost: '0',
  saved: '0',
  unpriced: 0
};

/** The sum of rows, money exactly. */
export function sumRows(rows: readonly ITotals[]): ITotals {
  const sum = (of: (row: ITotals) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  return {
    requests: sum(row => row.requests),
    errors: sum(row => row.errors),
    input: sum(row => row.input),
    output: sum(row => row.output),
    cache_read: sum(row => row.cache_read),
    cache_write: sum(row => row.cache_write),
    cost: addMoney(rows.map(row => row.cost)),
    saved: addMoney(rows.map(row => row.saved)),
    unpriced: sum(row => row.unpriced)
  };
}

/** Sums of what has the same key, the most costly first; of those that cost the same, the one with most tokens. */
export function grouped<Row extends ITotals>(
  rows: readonly Row[],
  keyOf: (row: Row) => string
): { key: string; first: Row; totals: ITotals }[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) {
      group.push(row);
    } else {
      groups.set(key, [row]);
    }
  }
  return [...groups]
    .map(([key, group]) => ({
      key,
      first: group[0]!,
      totals: sumRows(group)
    }))
    .sort(
      (a, b) =>
        compareMoney(b.totals.cost, a.totals.cost) ||
        tokensOf(b.totals) - tokensOf(a.totals) ||
        a.key.localeCompare(b.key)
    );
}

export function modelKey(row: {
  provider: string | null;
  model: string | null;
}): string {
  return `${row.provider ?? ''}/${row.model ?? ''}`;
}

export function tokensOf(totals: ITotals): number {
  return totals.input + totals.output;
}

export function valueOf(totals: ITotals, metric: Metric): number {
  switch (metric) {
    case 'cost':
      return Number(totals.cost);
    case 'tokens':
      return tokensOf(totals);
    case 'requests':
      return totals.requests;
  }
}

/** Key of the series of those that there is no place for. */
export const OTHERS = '…';

export interface IModelSeries {
  key: string;
  /** Null for the others. */
  model: string | null;
  provider: string | null;
  hue: number;
  totals: ITotals;
}

/** The models with the highest costs, each with the hue that it has in every chart of the report; then the others. */
export function seriesOf(rows: readonly ICostRow[], most = 7): IModelSeries[] {
  const models = grouped(rows, modelKey);
  // The others stand for two at least.
  const alone = models.length > most + 1 ? most : models.length;
  const rest = models.slice(alone);
  return [
    ...models.slice(0, alone).map(({ key, first, totals }, index) => ({
      key,
      model: first.model,
      provider: first.provider,
      hue: hueAt(index),
      totals
    })),
    ...(rest.length > 0
      ? [
          {
            key: OTHERS,
            model: null,
            provider: null,
            hue: REST_HUE,
            totals: sumRows(rest.map(one => one.totals))
          }
        ]
      : [])
  ];
}

/** What there was in each hour, day, week or month of the report, also where there was nothing. */
export function bucketsOf(
  report: {
    items: readonly ICostRow[];
    start: string | null;
    end: string;
    timezone: string;
  },
  unit: Unit,
  series: readonly IModelSeries[],
  metric: Metric
): IBucket[] {
  const own = new Set(series.map(one => one.key));
  const sums = new Map<number, Record<string, number>>();
  const rows = report.items.filter(row => row.time !== null);
  const begin = report.start
    ? Date.parse(report.start)
    : Math.min(...rows.map(row => Date.parse(row.time!)));
  if (knowsZone(report.timezone) && Number.isFinite(begin)) {
    for (const time of bucketsBetween(
      unit,
      begin,
      Date.parse(report.end),
      report.timezone
    )) {
      sums.set(time, {});
    }
  }
  for (const row of rows) {
    const time = Date.parse(row.time!);
    const values = sums.get(time) ?? {};
    const model = modelKey(row);
    const key = own.has(model) ? model : OTHERS;
    values[key] = (values[key] ?? 0) + valueOf(row, metric);
    sums.set(time, values);
  }
  return [...sums]
    .map(([time, values]) => ({ time, values }))
    .sort((a, b) => a.time - b.time);
}

/** Models of which some requests have no known price. */
export function unpricedModels(
  rows: readonly ICostRow[]
): { provider: string; model: string; count: number }[] {
  return grouped(rows, modelKey).flatMap(({ first, totals }) =>
    totals.unpriced > 0 && first.provider && first.model
      ? [
          {
            provider: first.provider,
            model: first.model,
            count: totals.unpriced
          }
        ]
      : []
  );
}
