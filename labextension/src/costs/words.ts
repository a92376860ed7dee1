/** What the dashboard says. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { UnreachableError } from '../api/errors';
import type { ITotals, ITransaction } from '../api/types';
import type { INumbers } from '../charts/numbers';
import { messageOf } from '../ui/words';
import { PERIODS, type Metric, type PeriodName } from './report';

export function periodLabel(
  period: PeriodName,
  trans: TranslationBundle
): string {
  switch (period) {
    case '24h':
      return trans.__('24 hours');
    case '7d':
      return trans.__('7 days');
    case '30d':
      return trans.__('30 days');
    case '90d':
      return trans.__('90 days');
    case '1y':
      return trans.__('1 year');
  }
}

/** A period that the server knows, as `periodOf` gives it. */
export function wholePeriodLabel(
  period: string,
  trans: TranslationBundle
): string {
  return PERIODS.includes(period as PeriodName)
    ? periodLabel(period as PeriodName, trans)
    : trans.__('all time');
}

export function periodShort(
  period: PeriodName,
  trans: TranslationBundle
): string {
  switch (period) {
    case '24h':
      return trans.__('24h');
    case '7d':
      return trans.__('7d');
    case '30d':
      return trans.__('30d');
    case '90d':
      return trans.__('90d');
    case '1y':
      return trans.__('1y');
  }
}

export function metricLabel(metric: Metric, trans: TranslationBundle): string {
  switch (metric) {
    case 'cost':
      return trans.__('Cost');
    case 'tokens':
      return trans.__('Tokens');
    case 'requests':
      return trans.__('Requests');
  }
}

/** What a request was for, in words; as it is for one that this page does not know. */
export function purposeLabel(
  purpose: string | null,
  trans: TranslationBundle
): string {
  switch (purpose) {
    case 'turn':
      return trans.__('Answers');
    case 'reflection':
      return trans.__('Second opinions');
    case 'title':
      return trans.__('Titles of chats');
    case 'summary':
      return trans.__('Summaries');
    case 'compaction':
      return trans.__('Shortened contexts');
    case 'completion':
      return trans.__('Suggestions at the cursor');
    case 'edit':
      return trans.__('Changed code');
    case 'analysis':
      return trans.__('Analyses');
    case 'verify':
    case 'test':
      return trans.__('Tried keys');
    default:
      return purpose ?? '';
  }
}

/** `12 requests, 45.2K tokens` */
export function amount(
  totals: ITotals,
  numbers: INumbers,
  trans: TranslationBundle
): string {
  return trans._n(
    '%2 request, %3 tokens',
    '%2 requests, %3 tokens',
    totals.requests,
    numbers.count(totals.requests),
    numbers.compact(totals.input + totals.output)
  );
}

export function unpricedWords(count: number, trans: TranslationBundle): string {
  return trans._n(
    '%1 request has no known price',
    '%1 requests have no known price',
    count
  );
}

export function sessionLabel(
  row: { session_id: string | null; title: string | null },
  trans: TranslationBundle
): string {
  return (
    row.title ||
    (row.session_id === null
      ? trans.__('Outside of chats')
      : trans.__('A chat without a name'))
  );
}

export function costOf(
  row: ITransaction,
  numbers: INumbers,
  trans: TranslationBundle
): string {
  return row.cost === null
    ? trans.__('no price known')
    : numbers.money(row.cost);
}

/** What went wrong when numbers were asked for. */
export function problemWords(error: unknown, trans: TranslationBundle): string {
  return error instanceof UnreachableError
    ? trans.__(
        'The server cannot be reached. The numbers come as soon as it is back.'
      )
    : trans.__('The numbers cannot be shown: %1', messageOf(error));
}
