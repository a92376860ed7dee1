/** What took how long, and when: spans under each other, to scale. */
import { durationTicks } from './ticks';

export interface ITimelineSpan {
  id: string;
  parentId: string | null;
  /** Milliseconds since the epoch. */
  start: number;
  /** Null while it goes on. */
  end: number | null;
}

export interface ITimelineRow {
  id: string;
  /** How many spans it is in. */
  depth: number;
  /** Of the length of what is shown, 0 to 1; cut off at its ends. */
  start: number;
  size: number;
  durationMs: number;
  /** It goes on. */
  open: boolean;
  /** Nothing of it is in what is shown. */
  outside: boolean;
}

export interface ITimeline {
  rows: ITimelineRow[];
  /** What is shown, in milliseconds since the epoch. */
  from: number;
  to: number;
  /** Milliseconds after `from`, and where that is. */
  ticks: { ms: number; at: number }[];
}

/**
 * Places spans in the order given.
 *
 * @param now - until when spans that go on are drawn.
 * @param range - shows only what is between these two moments.
 */
export function layoutTimeline(
  spans: readonly ITimelineSpan[],
  options: {
    now?: number;
    range?: { from: number; to: number };
    ticks?: number;
  } = {}
): ITimeline {
  const now = options.now ?? Date.now();
  const until = (span: ITimelineSpan): number =>
    Math.max(span.start, span.end ?? now);
  const from =
    options.range?.from ??
    spans.reduce((least, span) => Math.min(least, span.start), Infinity);
  const to =
    options.range?.to ??
    spans.reduce((most, span) => Math.max(most, until(span)), -Infinity);
  if (!Number.isFinite(from) || !Number.isFinite(to)) {
    return { rows: [], from: 0, to: 0, ticks: [] };
  }
  const length = Math.max(1, to - from);
  const place = (time: number): number =>
    Math.min(1, Math.max(0, (time - from) / length));
  const parents = new Map(spans.map(span => [span.id, span.parentId]));
  const depth = (id: string): number => {
    const seen = new Set<string>([id]);
    let parent = parents.get(id) ?? null;
    while (parent !== null && parents.has(parent) && !seen.has(parent)) {
      seen.add(parent);
      parent = parents.get(parent) ?? null;
    }
    return seen.size - 1;
  };
  const rows = spans.map(span => {
    const start = place(span.start);
    return {
      id: span.id,
      depth: depth(span.id),
      start,
      size: place(until(span)) - start,
      durationMs: until(span) - span.start,
      open: span.end === null,
      outside: until(span) < from || span.start > to
    };
  });
  const ticks = durationTicks(length, options.ticks).map(ms => ({
    ms,
    at: ms / length
  }));
  return { rows, from, to, ticks };
}
