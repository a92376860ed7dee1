/** What is said about recommendations. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { components } from '../api/schema';
import type { IRecommendation } from '../api/types';
import type { INumbers } from '../charts/numbers';
import { seconds } from '../ui/words';

type Evidence = components['schemas']['Evidence'];
type Impact = components['schemas']['Impact'];

export function priorityLabel(
  priority: IRecommendation['priority'],
  trans: TranslationBundle
): string {
  switch (priority) {
    case 'high':
      return trans.__('Important');
    case 'medium':
      return trans.__('Worth it');
    case 'low':
      return trans.__('For later');
  }
}

/** `saves about $3.20 a month`; empty where nobody knows. */
export function impactText(
  impact: Impact | undefined,
  numbers: INumbers,
  trans: TranslationBundle
): string {
  const savings = impact?.monthly_savings;
  const quality = impact?.quality_change;
  const parts = [
    savings && Number(savings) > 0
      ? trans.__('saves about %1 a month', numbers.money(savings))
      : '',
    typeof quality === 'number' && quality !== 0
      ? trans.__('grades %1 of 5', signed(quality, numbers))
      : ''
  ].filter(Boolean);
  return parts.join(', ') || (impact?.description ?? '');
}

function signed(value: number, numbers: INumbers): string {
  return `${value > 0 ? '+' : ''}${numbers.decimal(value)}`;
}

/** `cache hit rate: 4 % (of 120 requests)` */
export function evidenceText(
  evidence: Evidence,
  numbers: INumbers,
  trans: TranslationBundle
): string {
  const { value } = evidence;
  const shown = {
    '': () => numbers.decimal(value, 2),
    ratio: () => numbers.percent(value),
    tokens: () => trans.__('%1 tokens', numbers.count(Math.round(value))),
    usd: () => numbers.money(value),
    turns: () => trans._n('%1 turn', '%1 turns', Math.round(value)),
    calls: () => trans._n('%1 call', '%1 calls', Math.round(value)),
    grade: () => trans.__('%1 of 5', numbers.decimal(value)),
    ms: () => seconds(value, trans)
  }[evidence.unit ?? '']();
  const name = evidence.metric.replace(/_/g, ' ');
  return evidence.context
    ? trans.__('%1: %2 (%3)', name, shown, evidence.context)
    : trans.__('%1: %2', name, shown);
}
