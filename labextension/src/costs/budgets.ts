/** Budgets: what is said of them, and how they are edited. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  BudgetScope,
  IBudgetLimit,
  IBudgetState,
  IUsageSummary
} from '../api/types';
import { compareMoney } from '../charts/money';

export const SCOPES: readonly BudgetScope[] = [
  'turn',
  'session',
  'day',
  'month',
  'user'
];

/** `ok`, `soft`: over what is warned of; `hard`: nothing may be spent any more. */
export type BudgetLevel = IBudgetState['state'];

/** The worst of them, and the budget that it is. */
export function worst(
  budgets: readonly IBudgetState[]
): { level: BudgetLevel; budget: IBudgetState } | null {
  return (['hard', 'soft'] as const).reduce<ReturnType<typeof worst>>(
    (found, level) => {
      const budget = budgets.find(one => one.state === level);
      return found ?? (budget ? { level, budget } : null);
    },
    null
  );
}

/** The hard limit of which least is left: what `left` of the summary is of. */
export function tightest(summary: IUsageSummary): IBudgetState | null {
  return summary.budgets.reduce<IBudgetState | null>(
    (least, budget) =>
      budget.hard === null || budget.left === null
        ? least
        : least?.left === undefined ||
            least.left === null ||
            compareMoney(budget.left, least.left) < 0
          ? budget
          : least,
    null
  );
}

/** `a day`: what a limit is for. */
export function scopeLabel(
  scope: BudgetScope,
  trans: TranslationBundle
): string {
  switch (scope) {
    case 'turn':
      return trans.__('Each turn');
    case 'session':
      return trans.__('Each chat');
    case 'day':
      return trans.__('A day');
    case 'month':
      return trans.__('A month');
    case 'user':
      return trans.__('In all');
  }
}

/** `today`: when what is spent of it was spent. */
export function scopeSpan(
  scope: BudgetScope,
  trans: TranslationBundle
): string {
  switch (scope) {
    case 'turn':
      return trans.__('in this turn');
    case 'session':
      return trans.__('in this chat');
    case 'day':
      return trans.__('today');
    case 'month':
      return trans.__('this month');
    case 'user':
      return trans.__('in all');
  }
}

export function levelWords(
  level: BudgetLevel,
  trans: TranslationBundle
): string {
  switch (level) {
    case 'hard':
      return trans.__('Used up: turns stop');
    case 'soft':
      return trans.__('Over the soft limit');
    case 'ok':
      return trans.__('Within the limits');
  }
}

// Editing -------------------------------------------------------------------------------------------------------------

/** A limit as it is being written. */
export interface IDraftLimit {
  scope: BudgetScope;
  /** The one chat that it is for. */
  sessionId: string | null;
  soft: string;
  hard: string;
}

export type Field = 'soft' | 'hard';

/** As the server's: up to twelve digits before and after the point. */
const AMOUNT = /^\d{1,12}(\.\d{1,12})?$/;

/** What a person may have typed as the server wants it: without spaces and a sign of the currency. */
export function tidied(typed: string): string {
  const text = typed.replace(/[\s$]/g, '');
  return text.startsWith('.') ? `0${text}` : text.replace(/\.$/, '');
}

export function keyOf(limit: {
  scope: BudgetScope;
  sessionId?: string | null;
  session_id?: string | null;
}): string {
  return `${limit.scope}:${limit.sessionId ?? limit.session_id ?? ''}`;
}

/** The user's own limits as something that can be edited: one line a scope, and one a chat that has its own. */
export function draftOf(budgets: readonly IBudgetLimit[]): IDraftLimit[] {
  const own = new Map(budgets.map(one => [keyOf(one), one]));
  const line = (scope: BudgetScope, sessionId: string | null): IDraftLimit => {
    const limit = own.get(keyOf({ scope, sessionId }));
    return {
      scope,
      sessionId,
      soft: limit?.soft ?? '',
      hard: limit?.hard ?? ''
    };
  };
  return SCOPES.flatMap(scope => [
    line(scope, null),
    ...budgets
      .filter(one => one.scope === scope && one.session_id)
      .map(one => line(scope, one.session_id!))
  ]);
}

/** What is wrong with a line; null where nothing is. */
export function problemOf(
  line: IDraftLimit,
  trans: TranslationBundle
): { field: Field; message: string } | null {
  for (const field of ['soft', 'hard'] as const) {
    const text = tidied(line[field]);
    if (text && !AMOUNT.test(text)) {
      return {
        field,
        message: trans.__('An amount of US dollars, such as 0.50')
      };
    }
  }
  const soft = tidied(line.soft);
  const hard = tidied(line.hard);
  return soft && hard && compareMoney(soft, hard) > 0
    ? {
        field: 'soft',
        message: trans.__('The soft limit is above the hard one')
      }
    : null;
}

/** What goes to the server: the lines that limit something. */
export function limitsOf(draft: readonly IDraftLimit[]): IBudgetLimit[] {
  return draft.flatMap(line => {
    const soft = tidied(line.soft) || null;
    const hard = tidied(line.hard) || null;
    return soft === null && hard === null
      ? []
      : [{ scope: line.scope, session_id: line.sessionId, soft, hard }];
  });
}

/** Whether two sets of limits say the same. */
export function sameLimits(
  a: readonly IBudgetLimit[],
  b: readonly IBudgetLimit[]
): boolean {
  const text = (limits: readonly IBudgetLimit[]): string =>
    JSON.stringify(
      limits
        .map(one => [keyOf(one), one.soft ?? null, one.hard ?? null])
        .sort((one, other) => String(one[0]).localeCompare(String(other[0])))
    );
  return text(a) === text(b);
}
