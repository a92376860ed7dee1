/** Where an axis has its marks. */
import { nice, ticks } from 'd3-array';

export interface IScale {
  /** The highest value that there is room for. */
  top: number;
  ticks: number[];
}

/** Round numbers from 0 up to at least `highest`. */
export function valueScale(highest: number, count = 4): IScale {
  if (!(highest > 0)) {
    return { top: 1, ticks: [0] };
  }
  const [, top] = nice(0, highest, count);
  return { top, ticks: ticks(0, top, count) };
}

/** Which of `count` places have a label, where each takes `needed` of the `length`: evenly, the last one always. */
export function labelled(
  count: number,
  length: number,
  needed: number
): number[] {
  if (count === 0) {
    return [];
  }
  const most = Math.max(1, Math.floor(length / needed));
  const step = Math.ceil(count / most);
  const places: number[] = [];
  for (let at = count - 1; at >= 0; at -= step) {
    places.unshift(at);
  }
  return places;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Round spans of time, in milliseconds. */
const STEPS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map(n => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(n => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map(n => n * HOUR)
];

/** Round moments of a span of time: milliseconds from 0 up to `length`. */
export function durationTicks(length: number, count = 4): number[] {
  if (!(length > 0)) {
    return [0];
  }
  const wanted = length / count;
  const step =
    STEPS.find(one => one >= wanted) ??
    Math.ceil(wanted / (24 * HOUR)) * 24 * HOUR;
  const found: number[] = [];
  for (let at = 0; at <= length; at += step) {
    found.push(at);
  }
  return found;
}
