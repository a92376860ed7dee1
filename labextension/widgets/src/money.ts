/** A report of costs as a chart and a table have it: pure. */
import type { IBucket } from '../../src/charts/area';
import { addMoney, compareMoney } from '../../src/charts/money';
import { REST_HUE } from '../../src/charts/palette';
import { bucketsBetween, type Unit } from '../../src/charts/zones';
import type { IBudgetState, ICostReport, ICostRow } from '../../src/api/types';

/** Series that are told apart; the others are one. */
export const SERIES = 6;
const MOST_BUCKETS = 800;
const UNITS: readonly string[] = ['hour', 'day', 'week', 'month'];

export interface ISums {
  requests: number;
  tokens: number;
  cost: string;
  unpriced: number;
}

export interface ISeriesOf extends ISums {
  key: string;
  hue: number;
}

export interface IShownCosts {
  /** Most costly first. */
  series: ISeriesOf[];
  /** Empty where nothing is grouped by time. */
  buckets: IBucket[];
  unit: Unit | null;
  /** What the chart shows: tokens, where nothing has a price. */
  measure: 'cost' | 'tokens';
}

export const OTHERS = 'Others';

/** What a row is of, without its time. */
export function nameOf(row: ICostRow): string {
  const model = [row.provider, row.model].filter(Boolean).join('/');
  const session = row.title || row.session_id;
  return [model, session, row.purpose, row.user].filter(Boolean).join(' · ');
}

/** What has no name is all there is, or belongs to no session. */
function nameless(by: readonly string[]): string {
  return by.includes('session') ? 'No session' : 'Everything';
}

export function unitOf(by: readonly string[]): Unit | null {
  return (by.find(one => UNITS.includes(one)) as Unit | undefined) ?? null;
}

function add(sums: ISums, row: ICostRow): void {
  sums.requests += row.requests ?? 0;
  sums.tokens += (row.input ?? 0) + (row.output ?? 0);
  sums.cost = addMoney([sums.cost, row.cost ?? null]);
  sums.unpriced += row.unpriced ?? 0;
}

export function shownCosts(report: ICostReport): IShownCosts {
  const sums = new Map<string, ISums>();
  for (const row of report.items) {
    const key = nameOf(row) || nameless(report.by);
    const known = sums.get(key) ?? {
      requests: 0,
      tokens: 0,
      cost: '0',
      unpriced: 0
    };
    add(known, row);
    sums.set(key, known);
  }
  const measure = [...sums.values()].some(one => Number(one.cost) > 0)
    ? 'cost'
    : 'tokens';
  const sorted = [...sums.entries()].sort(
    ([a, one], [b, other]) =>
      compareMoney(other.cost, one.cost) ||
      other.tokens - one.tokens ||
      a.localeCompare(b)
  );
  const series = sorted.map(([key, one], index) => ({
    key,
    ...one,
    hue: index < SERIES ? index : REST_HUE
  }));
  const unit = unitOf(report.by);
  return {
    series,
    unit,
    measure,
    buckets: unit === null ? [] : bucketsOf(report, unit, measure, series)
  };
}

function bucketsOf(
  report: ICostReport,
  unit: Unit,
  measure: 'cost' | 'tokens',
  series: readonly ISeriesOf[]
): IBucket[] {
  const own = new Set(series.slice(0, SERIES).map(one => one.key));
  const values = new Map<number, Record<string, number>>();
  for (const row of report.items) {
    if (row.time === null) {
      continue;
    }
    const time = Date.parse(row.time);
    const name = nameOf(row) || nameless(report.by);
    const key = own.has(name) ? name : OTHERS;
    const at = values.get(time) ?? {};
    const amount =
      measure === 'cost'
        ? Number(row.cost ?? 0)
        : (row.input ?? 0) + (row.output ?? 0);
    at[key] = (at[key] ?? 0) + amount;
    values.set(time, at);
  }
  if (values.size === 0) {
    return [];
  }
  const first = report.start === null ? NaN : Date.parse(report.start);
  const from = Number.isNaN(first) ? Math.min(...values.keys()) : first;
  const between = bucketsBetween(
    unit,
    from,
    Date.parse(report.end),
    report.timezone
  );
  // Times without any request are in the chart, too; not those of years.
  const times = new Set(between.length <= MOST_BUCKETS ? between : []);
  for (const time of values.keys()) {
    times.add(time);
  }
  return [...times]
    .sort((a, b) => a - b)
    .map(time => ({ time, values: values.get(time) ?? {} }));
}

/** What a budget is for, in words. */
export function budgetName(
  budget: Pick<IBudgetState, 'scope' | 'session_id' | 'source'>
): string {
  const names: Record<string, string> = {
    turn: 'Each turn',
    session: budget.session_id
      ? `Session ${budget.session_id}`
      : 'Each session',
    day: 'Today',
    month: 'This month',
    user: 'All you ever spend'
  };
  const name = names[budget.scope] ?? budget.scope;
  return budget.source === 'admin' ? `${name} (by the administrator)` : name;
}
