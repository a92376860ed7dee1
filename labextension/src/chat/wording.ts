/** What the panel says about ends, errors and numbers. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ITurnError, IUsage, StopReason } from '../api/types';
import { seconds } from '../ui/words';
import type { Connection } from './core';
import { reachedSentence } from '../turns/words';
import type { IExchange, Note } from './model';

/** What the user can do about a turn's end. */
export type Remedy = 'retry' | 'continue' | 'key' | 'model' | 'new' | 'budget';

export interface IOutcome {
  tone: 'info' | 'warning' | 'error';
  title: string;
  detail: string;
  remedies: Remedy[];
}

function errorOutcome(error: ITurnError, trans: TranslationBundle): IOutcome {
  const said = error.message;
  const wait = error.retry_after_seconds;
  switch (error.code) {
    case 'unauthorized':
      return {
        tone: 'error',
        title: trans.__('The provider refused the key'),
        detail: said,
        remedies: ['key', 'model', 'retry']
      };
    case 'not_configured':
      return {
        tone: 'error',
        title: trans.__('This model is not set up yet'),
        detail: said,
        remedies: ['key', 'model']
      };
    case 'rate_limited':
      return {
        tone: 'warning',
        title: wait
          ? trans.__(
              'The provider allows no more for now; try again in %1 s',
              Math.ceil(wait)
            )
          : trans.__('The provider allows no more for now'),
        detail: said,
        remedies: ['retry', 'model']
      };
    case 'overloaded':
      return {
        tone: 'warning',
        title: trans.__('The provider is overloaded'),
        detail: said,
        remedies: ['retry', 'model']
      };
    case 'breaker_open':
      return {
        tone: 'warning',
        title: wait
          ? trans.__(
              'The provider failed too often; it is asked again in %1 s',
              Math.ceil(wait)
            )
          : trans.__('The provider is not asked any more'),
        detail: said,
        remedies: ['model', 'retry']
      };
    case 'unreachable':
      return {
        tone: 'error',
        title: trans.__('The provider could not be reached'),
        detail: said,
        remedies: ['retry', 'model']
      };
    case 'cut':
      return {
        tone: 'warning',
        title: trans.__('The provider broke off in the middle'),
        detail: said,
        remedies: ['retry', 'model']
      };
    case 'bad_response':
      return {
        tone: 'error',
        title: trans.__('The provider gave no usable answer'),
        detail: said,
        remedies: ['retry', 'model']
      };
    case 'timeout':
      return {
        tone: 'warning',
        title: trans.__('The provider took too long'),
        detail: said,
        remedies: ['retry', 'model']
      };
    case 'model_not_found':
      return {
        tone: 'error',
        title: trans.__('The provider does not know this model'),
        detail: said,
        remedies: ['model']
      };
    case 'context_too_long':
      return {
        tone: 'warning',
        title: trans.__('The conversation is too long for this model'),
        detail: said,
        remedies: ['new', 'model']
      };
    default:
      return {
        tone: 'error',
        title: trans.__('Something went wrong'),
        detail: said,
        remedies: error.retryable ? ['retry', 'model'] : ['retry']
      };
  }
}

/** How a turn ended, where it needs saying on the screen; null for a plain end. */
export function outcome(
  exchange: IExchange,
  trans: TranslationBundle
): IOutcome | null {
  const reason: StopReason | null = exchange.stopReason;
  switch (reason) {
    case 'interrupted':
      return {
        tone: 'info',
        title: trans.__('You stopped it'),
        detail: '',
        remedies: ['retry']
      };
    case 'server_restart':
      return {
        tone: 'warning',
        title: trans.__('The server was restarted'),
        detail: trans.__('What was said until then is kept.'),
        remedies: ['retry']
      };
    case 'budget':
      return {
        tone: 'warning',
        title: trans.__('The budget is used up'),
        detail: exchange.reached
          ? reachedSentence(exchange.reached, money, trans)
          : (exchange.error?.message ?? ''),
        remedies: ['budget', 'continue', 'model']
      };
    case 'max_steps':
      return {
        tone: 'warning',
        title: trans.__('It reached the most steps it may make'),
        detail: exchange.error?.message ?? '',
        remedies: ['continue']
      };
    case 'repetition':
      return {
        tone: 'warning',
        title: trans.__('It did the same again and again'),
        detail: exchange.error?.message ?? '',
        remedies: ['continue', 'retry', 'model']
      };
    case 'timeout':
      return {
        tone: 'warning',
        title: trans.__('It took too long'),
        detail: exchange.error?.message ?? '',
        remedies: ['continue', 'retry']
      };
    case 'refused':
      return {
        tone: 'warning',
        title: trans.__('The provider refused'),
        detail: exchange.error?.message ?? '',
        remedies: ['model', 'retry']
      };
    case 'denied':
      return {
        tone: 'info',
        title: trans.__('It ended because a call was not allowed'),
        detail: exchange.error?.message ?? '',
        remedies: ['continue', 'retry']
      };
    default:
      return exchange.error && exchange.state !== 'running'
        ? errorOutcome(exchange.error, trans)
        : null;
  }
}

/** What was done about the turn, in a line. */
export function noteText(note: Note, trans: TranslationBundle): string {
  const count = (value: number) => new Intl.NumberFormat().format(value);
  switch (note.about) {
    case 'compaction':
      return note.strategy === 'summarize'
        ? trans.__(
            'A summary stands for older messages: %1 tokens became %2',
            count(note.before),
            count(note.after)
          )
        : note.strategy === 'shorten'
          ? trans.__(
              'Long results were cut for the model: %1 tokens became %2',
              count(note.before),
              count(note.after)
            )
          : trans.__(
              'Older messages were left away for the model: %1 tokens became %2',
              count(note.before),
              count(note.after)
            );
    case 'fallback':
      return trans.__('Asked %1, since %2 failed', note.model, note.failed);
    case 'budget':
      return reachedSentence(note.reached, money, trans);
  }
}

/** What a screen reader says when a turn ended. */
export function spokenEnd(
  exchange: IExchange,
  trans: TranslationBundle
): string {
  const end = outcome(exchange, trans);
  return end
    ? [end.title, end.detail].filter(Boolean).join('. ')
    : trans.__('The answer is complete.');
}

export function remedyLabel(remedy: Remedy, trans: TranslationBundle): string {
  switch (remedy) {
    case 'retry':
      return trans.__('Try again');
    case 'continue':
      return trans.__('Continue');
    case 'key':
      return trans.__('Set the key');
    case 'model':
      return trans.__('Switch model');
    case 'new':
      return trans.__('New chat');
    case 'budget':
      return trans.__('Raise the budget');
  }
}

/** 950, 2.1k, 1.3M. */
export function tokens(usage: IUsage): string {
  return new Intl.NumberFormat(undefined, {
    notation: 'compact',
    maximumFractionDigits: 1
  }).format(usage.input + usage.output);
}

/** `$0.0042`; with as many digits as say something. */
export function money(cost: string): string {
  const value = Number(cost);
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: value === 0 || value >= 0.1 ? 2 : 3,
    maximumFractionDigits: value === 0 || value >= 0.1 ? 2 : 4
  }).format(value);
}

/** How long the model thought, and that it does while nobody knows how long. */
export function thought(
  durationMs: number | null,
  trans: TranslationBundle
): string {
  if (durationMs === null) {
    return trans.__('Thinking…');
  }
  if (durationMs <= 0) {
    return trans.__('Thoughts');
  }
  // Less would be shown as 0.0 s.
  return durationMs < 50
    ? trans.__('Thought')
    : trans.__('Thought for %1', seconds(durationMs, trans));
}

/** What the box is for now. */
export function placeholder(
  running: IExchange | null,
  connection: Connection,
  trans: TranslationBundle
): string {
  if (!running) {
    return trans.__('Ask, @ for context, / for commands');
  }
  if (running.state === 'running') {
    return trans.__('Guide it while it works');
  }
  return connection === 'online'
    ? trans.__('Sending…')
    : trans.__('Sent when the server is back');
}

/** `just now`, `5 min`, `3 h`, or the day. */
export function ago(
  iso: string,
  now: number,
  trans: TranslationBundle
): string {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000);
  if (minutes < 1) {
    return trans.__('now');
  }
  if (minutes < 60) {
    return trans.__('%1 min', minutes);
  }
  if (minutes < 24 * 60) {
    return trans.__('%1 h', Math.floor(minutes / 60));
  }
  return new Date(iso).toLocaleDateString(undefined, {
    month: 'short',
    day: 'numeric'
  });
}

/** The command that a next action says to run ("Run: pip install ipykernel"); null where it says none. */
export function shellLine(nextAction: string): string | null {
  const found = /^Run: (.+?)(?:, then |\. |\.?$)/.exec(nextAction);
  return found ? found[1]! : null;
}
