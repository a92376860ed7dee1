/** Values over time, one upon the other. */
import { area, curveStepAfter, stack } from 'd3-shape';
import { valueScale, type IScale } from './ticks';

/** What there was in an hour, day, week or month. */
export interface IBucket {
  /** When it begins, in milliseconds. */
  time: number;
  /** By the key of a series; what is not there is 0. */
  values: Readonly<Record<string, number>>;
}

export interface ILayer {
  key: string;
  /** Outline of the filled area. */
  path: string;
}

export interface IStack {
  layers: ILayer[];
  scale: IScale;
  /** Where a bucket begins, across; one more than there are buckets. */
  edges: number[];
  /** Down from the top. */
  y: (value: number) => number;
}

/**
 * Stacks series, the first one lowest. A sum belongs to its whole bucket, so the outline goes in steps: nothing is
 * drawn between two days that was not there, and one day alone is seen, too.
 */
export function layoutStack(
  buckets: readonly IBucket[],
  keys: readonly string[],
  size: { width: number; height: number }
): IStack {
  const { width, height } = size;
  const highest = Math.max(0, ...buckets.map(bucket => sumOf(bucket, keys)));
  const scale = valueScale(highest);
  const y = (value: number): number => height - (value / scale.top) * height;
  const edges = Array.from(
    { length: buckets.length + 1 },
    (_, index) => (index / Math.max(1, buckets.length)) * width
  );
  const stacked = stack<IBucket, string>()
    .keys(keys)
    .value((bucket, key) => bucket.values[key] ?? 0)(buckets as IBucket[]);
  const outline = area<readonly [number, number]>()
    .x((_, index) => edges[index]!)
    .y0(([low]) => y(low))
    .y1(([, high]) => y(high))
    .curve(curveStepAfter)
    .digits(2);
  const layers = stacked.map(series => {
    const points = series.map(([low, high]) => [low, high] as const);
    const last = points[points.length - 1];
    return {
      key: series.key,
      path: last ? (outline([...points, last]) ?? '') : ''
    };
  });
  return { layers, scale, edges, y };
}

export function sumOf(bucket: IBucket, keys: readonly string[]): number {
  return keys.reduce((total, key) => total + (bucket.values[key] ?? 0), 0);
}

/** The bucket at this place, across; -1 where there is none. */
export function bucketAt(count: number, width: number, x: number): number {
  return count === 0 || width <= 0
    ? -1
    : Math.min(count - 1, Math.max(0, Math.floor((x / width) * count)));
}
