/** Costs as they were saved in a notebook. Pure. */
import { list, record } from '../api/read';
import type { IBudgetState, ICostReport, ICostRow } from '../api/types';
import type { Unit } from '../charts/zones';
import { sumRows, NOTHING } from './report';

export interface ISavedCosts {
  report: ICostReport;
  budgets: IBudgetState[];
}

const UNITS: readonly Unit[] = ['hour', 'day', 'week', 'month'];

/** What is in the output of a cell; null where it is not what this version knows. */
export function readSavedCosts(data: unknown): ISavedCosts | null {
  const bundle = record(data);
  const report = record(bundle.report);
  if (bundle.version !== 1 || !Array.isArray(report.items)) {
    return null;
  }
  const items = list<Partial<ICostRow>>(report.items).map((row): ICostRow => ({
    ...NOTHING,
    time: null,
    provider: null,
    model: null,
    session_id: null,
    title: null,
    purpose: null,
    user: null,
    average_ms: null,
    average_first_token_ms: null,
    ...row
  }));
  const saved = report as unknown as ICostReport;
  return {
    report: {
      ...saved,
      items,
      by: [...list<ICostReport['by'][number]>(report.by)],
      totals: { ...sumRows(items), ...record(report.totals) },
      timezone: typeof report.timezone === 'string' ? report.timezone : 'UTC',
      start: typeof report.start === 'string' ? report.start : null,
      end:
        typeof report.end === 'string' ? report.end : new Date().toISOString()
    },
    budgets: [...list<IBudgetState>(bundle.budgets)]
  };
}

/** What a report's sums are of over time; null where they are of the whole time. */
export function savedUnit(report: ICostReport): Unit | null {
  return UNITS.find(unit => report.by.includes(unit)) ?? null;
}
