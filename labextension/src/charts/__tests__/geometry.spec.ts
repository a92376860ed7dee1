import { describe, expect, it } from 'vitest';
import { bucketAt, layoutStack } from '../area';
import { layoutBar } from '../bar';
import { layoutTimeline } from '../spans';
import { durationTicks, labelled, valueScale } from '../ticks';

const end = (bar: ReturnType<typeof layoutBar>): number => {
  const last = bar.segments[bar.segments.length - 1]!;
  return last.start + last.size;
};

describe('a bar of parts', () => {
  it('is to scale and full', () => {
    const bar = layoutBar([
      { key: 'a', value: 1 },
      { key: 'b', value: 3 }
    ]);
    expect(bar.segments).toEqual([
      { key: 'a', value: 1, share: 0.25, start: 0, size: 0.25 },
      { key: 'b', value: 3, share: 0.75, start: 0.25, size: 0.75 }
    ]);
    expect(bar.limit).toBeNull();
  });

  it('leaves out what is nothing, and is empty without anything', () => {
    expect(layoutBar([{ key: 'a', value: 0 }]).segments).toEqual([]);
    expect(layoutBar([], { total: 10 }).segments).toEqual([]);
  });

  it('shows a tiny part, and takes its room from the long ones', () => {
    const bar = layoutBar(
      [
        { key: 'tiny', value: 1 },
        { key: 'huge', value: 99_999 }
      ],
      { least: 0.01 }
    );
    expect(bar.segments[0]!.size).toBe(0.01);
    expect(bar.segments[0]!.share).toBeCloseTo(0.00001, 10);
    expect(end(bar)).toBeCloseTo(1, 10);
  });

  it('stays inside where there are more tiny parts than room', () => {
    const parts = Array.from({ length: 400 }, (_, index) => ({
      key: String(index),
      value: index === 0 ? 1e9 : 1
    }));
    const bar = layoutBar(parts, { least: 0.01 });
    expect(bar.segments).toHaveLength(400);
    expect(end(bar)).toBeCloseTo(1, 9);
    expect(bar.segments.every(one => one.size > 0)).toBe(true);
  });

  it('leaves what is free, and says where the limit is that is gone over', () => {
    const half = layoutBar([{ key: 'a', value: 5 }], { total: 10 });
    expect(half.segments[0]!.size).toBeCloseTo(0.5, 10);
    const over = layoutBar([{ key: 'a', value: 20 }], { total: 10 });
    expect(over.segments[0]!.size).toBe(1);
    expect(over.limit).toBe(0.5);
  });
});

describe('values over time', () => {
  const size = { width: 100, height: 50 };

  it('stacks in steps, each sum over its whole bucket', () => {
    const { layers, edges, y, scale } = layoutStack(
      [
        { time: 0, values: { a: 1, b: 3 } },
        { time: 1, values: { a: 2 } }
      ],
      ['a', 'b'],
      size
    );
    expect(scale.top).toBe(4);
    expect(edges).toEqual([0, 50, 100]);
    expect(y(0)).toBe(50);
    expect(y(4)).toBe(0);
    expect(layers.map(layer => layer.key)).toEqual(['a', 'b']);
    // Up to 1 of 4, then up to 2 of 4, then back along the ground.
    expect(layers[0]!.path).toMatch(/^M0,37\.5L50,37\.5L50,25L100,25/);
    expect(layers[0]!.path).not.toMatch(/NaN/);
  });

  it('draws a single bucket over the whole width', () => {
    const { layers } = layoutStack(
      [{ time: 0, values: { a: 1 } }],
      ['a'],
      size
    );
    expect(layers[0]!.path).toMatch(/^M0,0L100,0/);
  });

  it('has nothing to draw without numbers', () => {
    const nothing = layoutStack([], ['a'], size);
    expect(nothing.layers[0]!.path).toBe('');
    expect(nothing.scale).toEqual({ top: 1, ticks: [0] });
  });

  it('finds the bucket under a pointer', () => {
    expect(bucketAt(4, 100, 0)).toBe(0);
    expect(bucketAt(4, 100, 30)).toBe(1);
    expect(bucketAt(4, 100, 250)).toBe(3);
    expect(bucketAt(4, 100, -5)).toBe(0);
    expect(bucketAt(0, 100, 5)).toBe(-1);
  });
});

describe('axes', () => {
  it('has round numbers up to over the highest', () => {
    expect(valueScale(0.037)).toEqual({
      top: 0.04,
      ticks: [0, 0.01, 0.02, 0.03, 0.04]
    });
    const { top, ticks } = valueScale(1234);
    expect(top).toBeGreaterThanOrEqual(1234);
    expect(ticks[0]).toBe(0);
    expect(ticks[ticks.length - 1]).toBe(top);
  });

  it('labels as many places as there is room for, the last one always', () => {
    expect(labelled(5, 1000, 50)).toEqual([0, 1, 2, 3, 4]);
    expect(labelled(30, 300, 60)).toEqual([5, 11, 17, 23, 29]);
    expect(labelled(3, 10, 60)).toEqual([2]);
    expect(labelled(0, 10, 60)).toEqual([]);
  });

  it('has round spans of time', () => {
    expect(durationTicks(4000)).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(durationTicks(90 * 60_000)).toEqual([
      0,
      30 * 60_000,
      60 * 60_000,
      90 * 60_000
    ]);
    expect(durationTicks(0)).toEqual([0]);
  });
});

describe('a timeline', () => {
  const spans = [
    { id: 'turn', parentId: null, start: 1000, end: 3000 },
    { id: 'request', parentId: 'turn', start: 1000, end: 1500 },
    { id: 'tool', parentId: 'turn', start: 1500, end: null },
    { id: 'approval', parentId: 'tool', start: 1500, end: 2000 }
  ];

  it('is to scale, and goes on to now', () => {
    const { rows, from, to, ticks } = layoutTimeline(spans, { now: 5000 });
    expect([from, to]).toEqual([1000, 5000]);
    expect(rows.map(row => [row.id, row.depth, row.start, row.size])).toEqual([
      ['turn', 0, 0, 0.5],
      ['request', 1, 0, 0.125],
      ['tool', 1, 0.125, 0.875],
      ['approval', 2, 0.125, 0.125]
    ]);
    expect(rows[2]).toMatchObject({ open: true, durationMs: 3500 });
    expect(ticks.map(tick => tick.ms)).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(ticks[4]!.at).toBe(1);
  });

  it('cuts off what is not in the range', () => {
    const { rows } = layoutTimeline(spans, {
      now: 5000,
      range: { from: 1750, to: 2250 }
    });
    expect(rows[0]).toMatchObject({ start: 0, size: 1, durationMs: 2000 });
    expect(rows[1]).toMatchObject({ outside: true, size: 0 });
    expect(rows[3]).toMatchObject({ start: 0, size: 0.5 });
  });

  it('bears parents in a circle, and nothing at all', () => {
    const { rows } = layoutTimeline([
      { id: 'a', parentId: 'b', start: 0, end: 1 },
      { id: 'b', parentId: 'a', start: 0, end: 1 }
    ]);
    expect(rows.map(row => row.depth)).toEqual([1, 1]);
    expect(layoutTimeline([]).rows).toEqual([]);
  });
});
