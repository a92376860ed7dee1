/** What is said of turns, spans and models: pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { record, text, textOrNull } from '../api/read';
import type { INumbers } from '../charts/numbers';
import type {
  IEvidence,
  IModelSelection,
  IScores,
  ISpan,
  ITip,
  ITurn,
  IUsage
} from '../api/types';
import { seconds } from '../ui/words';

export type Tone = 'good' | 'info' | 'warning' | 'error' | 'running';

export interface IStatusWords {
  tone: Tone;
  label: string;
}

/** `21 ms`, `0.4 s`, `2 min 5 s`. */
export function time(ms: number, trans: TranslationBundle): string {
  return ms < 100 ? trans.__('%1 ms', Math.round(ms)) : seconds(ms, trans);
}

/** How a turn stands, and why it ended. */
export function statusOf(turn: ITurn, trans: TranslationBundle): IStatusWords {
  switch (turn.status) {
    case 'queued':
      return { tone: 'running', label: trans.__('About to begin') };
    case 'running':
      return { tone: 'running', label: trans.__('Running') };
    case 'waiting':
      return { tone: 'warning', label: trans.__('Waits for you') };
    default:
      break;
  }
  switch (turn.stop_reason) {
    case 'interrupted':
      return { tone: 'info', label: trans.__('Stopped by you') };
    case 'budget':
      return { tone: 'warning', label: trans.__('Stopped: budget used up') };
    case 'max_steps':
      return { tone: 'warning', label: trans.__('Stopped: too many steps') };
    case 'repetition':
      return {
        tone: 'warning',
        label: trans.__('Stopped: it repeated itself')
      };
    case 'timeout':
      return { tone: 'warning', label: trans.__('Stopped: it took too long') };
    case 'refused':
      return { tone: 'warning', label: trans.__('The provider refused') };
    case 'provider_error':
      return { tone: 'error', label: trans.__('The provider failed') };
    case 'server_restart':
      return { tone: 'warning', label: trans.__('The server was restarted') };
    case 'denied':
      return { tone: 'info', label: trans.__('Ended: a call was denied') };
    default:
      return turn.error
        ? { tone: 'error', label: trans.__('Failed') }
        : { tone: 'good', label: trans.__('Finished') };
  }
}

/** Milliseconds that a turn took, or has taken so far. */
export function durationOf(turn: ITurn, now: number): number {
  const begin = Date.parse(turn.started_at ?? turn.created_at);
  const end = turn.finished_at ? Date.parse(turn.finished_at) : now;
  return Math.max(0, end - begin);
}

/** A budget that was reached, as events and turns tell of it. */
export interface IReached {
  scope: string;
  spent: string | null;
  limit: string | null;
}

/** Reads a budget that was reached; null where it is none. */
export function readReached(value: unknown): IReached | null {
  const data = record(value);
  const scope = text(data.scope);
  return scope
    ? {
        scope,
        spent: textOrNull(data.spent),
        limit: textOrNull(data.limit)
      }
    : null;
}

/** Whose budget it is. */
export function budgetName(scope: string, trans: TranslationBundle): string {
  switch (scope) {
    case 'turn':
      return trans.__('budget of a turn');
    case 'session':
      return trans.__('budget of a chat');
    case 'day':
      return trans.__('budget of a day');
    case 'month':
      return trans.__('budget of a month');
    default:
      return trans.__('whole budget');
  }
}

/** `The budget of a day is used up: $0.52 of $0.50`. */
export function reachedSentence(
  { scope, spent, limit }: IReached,
  money: (value: string) => string,
  trans: TranslationBundle
): string {
  const name = budgetName(scope, trans);
  return spent !== null && limit !== null
    ? trans.__('%1: %2 of %3 spent', capital(name), money(spent), money(limit))
    : capital(name);
}

function capital(words: string): string {
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** What it cost; null where nothing was used. */
export function costText(
  usage: Pick<IUsage, 'cost' | 'input' | 'output'>,
  numbers: INumbers,
  trans: TranslationBundle
): string {
  return usage.cost === null || usage.cost === undefined
    ? trans.__('no price known')
    : Number(usage.cost) === 0
      ? trans.__('free')
      : numbers.money(usage.cost);
}

export function spanKindLabel(
  kind: ISpan['kind'],
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'turn':
      return trans.__('Turn');
    case 'queue':
      return trans.__('Before its first work');
    case 'request':
      return trans.__('Model request');
    case 'tool':
      return trans.__('Tool');
    case 'approval':
      return trans.__('Waited for a person');
    case 'client':
      return trans.__('In the notebook or lab');
    case 'compaction':
      return trans.__('Made shorter');
  }
}

/** What a span is about, without the verb of its convention. */
export function spanLabel(span: ISpan, trans: TranslationBundle): string {
  const about = span.name.replace(/^(chat|execute_tool|invoke_agent)\s+/, '');
  switch (span.kind) {
    case 'turn':
      return trans.__('Turn');
    case 'queue':
      return trans.__('Waited to begin');
    case 'request':
      return trans.__('Asked %1', about);
    case 'approval':
      return trans.__('Waited for you');
    case 'compaction':
      return trans.__('Made shorter');
    default:
      return about;
  }
}

export function strategyLabel(
  strategy: IModelSelection['strategy'],
  trans: TranslationBundle
): string {
  switch (strategy) {
    case 'asked':
      return trans.__('Named for this turn');
    case 'session':
      return trans.__('The chat’s own');
    case 'default':
      return trans.__('The default');
    case 'auto':
      return trans.__('The best by its scores');
    case 'fallback':
      return trans.__('In place of one that failed');
    case 'reflection':
      return trans.__('Another view of the answer');
  }
}

export function scoreLabel(
  name: keyof IScores,
  trans: TranslationBundle
): string {
  switch (name) {
    case 'efficacy':
      return trans.__('Efficacy');
    case 'cost':
      return trans.__('Cost');
    case 'availability':
      return trans.__('Availability');
    case 'locality':
      return trans.__('Locality');
    case 'confidence':
      return trans.__('Confidence');
    case 'speed':
      return trans.__('Speed');
  }
}

export function severityLabel(
  severity: ITip['severity'],
  trans: TranslationBundle
): string {
  switch (severity) {
    case 'critical':
      return trans.__('Critical');
    case 'warning':
      return trans.__('Warning');
    case 'info':
      return trans.__('Hint');
  }
}

/** A number of a tip, with its unit. */
export function evidenceText(
  { value, unit }: Pick<IEvidence, 'value' | 'unit'>,
  numbers: INumbers,
  trans: TranslationBundle
): string {
  switch (unit) {
    case 'ratio':
      return numbers.percent(value);
    case 'tokens':
      return trans._n(
        '%2 token',
        '%2 tokens',
        Math.round(value),
        numbers.count(Math.round(value))
      );
    case 'usd':
      return numbers.money(value);
    case 'turns':
      return trans._n(
        '%2 turn',
        '%2 turns',
        Math.round(value),
        numbers.count(value)
      );
    case 'calls':
      return trans._n(
        '%2 call',
        '%2 calls',
        Math.round(value),
        numbers.count(value)
      );
    case 'ms':
      return time(value, trans);
    default:
      return numbers.decimal(value, 2);
  }
}

/** `context_pressure`: as words. */
export function metricWords(metric: string): string {
  return metric.replace(/_/g, ' ');
}

export function gradeLabel(grade: number, trans: TranslationBundle): string {
  switch (grade) {
    case 1:
      return trans.__('1: useless');
    case 2:
      return trans.__('2: poor');
    case 3:
      return trans.__('3: fair');
    case 4:
      return trans.__('4: good');
    default:
      return trans.__('5: just right');
  }
}
