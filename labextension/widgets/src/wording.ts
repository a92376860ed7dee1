/** Words of the views. */

const STOPPED: Record<string, string> = {
  interrupted: 'You stopped it',
  budget: 'Stopped: the budget was reached',
  max_steps: 'Stopped: all steps were used',
  repetition: 'Stopped: the model repeated itself',
  timeout: 'Stopped: it took too long',
  refused: 'The provider refused to answer',
  provider_error: 'The provider failed',
  server_restart: 'The server was restarted',
  denied: 'Stopped: a tool was denied'
};

export function stopped(reason: string): string {
  return STOPPED[reason] ?? `Stopped: ${reason}`;
}

/** 2.1k, 950 */
export function count(value: number): string {
  return value < 1000 ? String(value) : `${(value / 1000).toFixed(1)}k`;
}

/** $0.0042, or less than a hundredth of a cent. */
export function money(value: number): string {
  if (value === 0) {
    return '$0';
  }
  return value < 0.0001
    ? '< $0.0001'
    : `$${value.toPrecision(2).includes('e') ? value.toFixed(4) : Number(value.toPrecision(3))}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** When, as shortly as it can be said. */
export function when(iso: string, now: Date): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) {
    return '';
  }
  return date.toDateString() === now.toDateString()
    ? date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString([], { day: 'numeric', month: 'short' });
}

export const OFFLINE =
  'The server does not answer. This goes on by itself when it does.';

export const BUSY =
  'The kernel is busy: this is done when the running cell has finished. If no cell runs, the kernel is gone: run this widget’s cell again.';

/** What a tool does, beside its name. */
export const TOOL_STATES = {
  running: 'running',
  waiting: 'waits for your answer',
  done: 'done',
  error: 'failed',
  unknown: ''
};

/** 250 ms, 1.2 s, 3.5 min */
export function took(ms: number): string {
  return ms < 1000
    ? `${Math.round(ms)} ms`
    : ms < 120_000
      ? seconds(ms)
      : `${(ms / 60_000).toFixed(1)} min`;
}
