/** Words for numbers and names that several rooms show. */
import type { TranslationBundle } from '@jupyterlab/translation';

/** `0.4 s`, `12 s`, `2 min 5 s`. */
export function seconds(ms: number, trans: TranslationBundle): string {
  const value = ms / 1000;
  if (value < 10) {
    return trans.__('%1 s', value.toFixed(1));
  }
  if (value < 60) {
    return trans.__('%1 s', Math.round(value));
  }
  return trans.__(
    '%1 min %2 s',
    Math.floor(value / 60),
    Math.round(value % 60)
  );
}

/** What somebody is told who asks what went wrong. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
