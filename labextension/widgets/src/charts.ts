/** The lab's charts in small: the same geometry, drawn without React. */
import { layoutStack, sumOf, type IBucket } from '../../src/charts/area';
import { layoutBar } from '../../src/charts/bar';
import { PATTERNS } from '../../src/charts/palette';
import { layoutTimeline, type ITimelineSpan } from '../../src/charts/spans';
import { labelled } from '../../src/charts/ticks';
import { drawn, element, span } from './dom';

let made = 0;

/** Patterns for one drawing, and what fills with one. */
function patterns(): { defs: SVGElement; fill: (hue: number) => string } {
  const id = `jaw-pattern-${made++}`;
  const defs = drawn(
    'defs',
    {},
    ...PATTERNS.map((one, hue) =>
      one.path === ''
        ? null
        : drawn(
            'pattern',
            {
              id: `${id}-${hue}`,
              width: one.size,
              height: one.size,
              patternUnits: 'userSpaceOnUse'
            },
            drawn('path', {
              class: one.filled ? 'jaw-pattern jaw-dots' : 'jaw-pattern',
              d: one.path
            })
          )
    )
  );
  return {
    defs,
    fill: hue => (PATTERNS[hue]?.path ? `url(#${id}-${hue})` : 'none')
  };
}

/** Color and pattern of a hue, for legends and tables. */
export function swatch(hue: number): SVGSVGElement {
  const { defs, fill } = patterns();
  const box = { width: 12, height: 12, rx: 2 };
  return drawn(
    'svg',
    {
      class: 'jaw-swatch',
      width: 12,
      height: 12,
      'aria-hidden': 'true',
      focusable: 'false'
    },
    defs,
    drawn('rect', { ...box, class: 'jaw-fill', 'data-hue': hue }),
    drawn('rect', { ...box, fill: fill(hue) })
  );
}

export interface IPart {
  key: string;
  /** Its name and its number, in words. */
  label: string;
  value: number;
  hue: number;
  /** Drawn as an outline: what is free. */
  empty?: boolean;
}

/**
 * One bar by its parts. With `pick` each part is a button: Tab goes to the bar, arrow keys from part to part, Enter or
 * the space bar picks.
 */
export function stackedBar(options: {
  label: string;
  parts: readonly IPart[];
  picked: string | null;
  pick: (key: string) => void;
}): SVGSVGElement {
  const height = 24;
  const { defs, fill } = patterns();
  const { segments } = layoutBar(options.parts);
  const parts = new Map(options.parts.map(part => [part.key, part]));
  const usable = segments.filter(one => !parts.get(one.key)!.empty);
  const reachable = usable.find(one => one.key === options.picked) ?? usable[0];
  const buttons: SVGGElement[] = [];
  const nodes = segments.map(segment => {
    const part = parts.get(segment.key)!;
    const box = {
      x: `${segment.start * 100}%`,
      width: `${segment.size * 100}%`,
      height
    };
    const shapes = [
      drawn('title', {}, part.label),
      drawn('rect', {
        ...box,
        class: part.empty ? 'jaw-free' : 'jaw-fill',
        'data-hue': part.hue
      }),
      part.empty ? null : drawn('rect', { ...box, fill: fill(part.hue) }),
      drawn('rect', { ...box, class: 'jaw-edge' })
    ];
    if (part.empty) {
      return drawn('g', {}, ...shapes);
    }
    const node = drawn(
      'g',
      {
        class: 'jaw-part',
        role: 'button',
        tabindex: segment === reachable ? 0 : -1,
        'aria-label': part.label,
        'aria-pressed': String(options.picked === segment.key),
        'data-key': `bar-${segment.key}`
      },
      ...shapes
    );
    const at = buttons.push(node) - 1;
    node.addEventListener('click', () => options.pick(segment.key));
    node.addEventListener('keydown', event => {
      const to = {
        ArrowRight: at + 1,
        ArrowDown: at + 1,
        ArrowLeft: at - 1,
        ArrowUp: at - 1,
        Home: 0,
        End: buttons.length - 1
      }[event.key];
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        options.pick(segment.key);
      } else if (to !== undefined) {
        event.preventDefault();
        const next = buttons[(to + buttons.length) % buttons.length]!;
        for (const one of buttons) {
          one.setAttribute('tabindex', one === next ? '0' : '-1');
        }
        next.focus();
      }
    });
    return node;
  });
  return drawn(
    'svg',
    {
      class: 'jaw-bar',
      width: '100%',
      height,
      role: 'group',
      'aria-label': options.label
    },
    defs,
    ...nodes
  );
}

export interface IDrawnSpan extends ITimelineSpan {
  label: string;
  hue: number;
  /** How long it took, and what went wrong. */
  text: string;
  failed: boolean;
}

/** Spans under each other, to scale: a list whose entries say all in words. */
export function timeline(
  label: string,
  spans: readonly IDrawnSpan[],
  now: number,
  formatTick: (ms: number) => string
): HTMLElement {
  const { rows, ticks } = layoutTimeline(spans, { now, ticks: 3 });
  const known = new Map(spans.map(one => [one.id, one]));
  const { defs, fill } = patterns();
  const list = element(
    'ol',
    { class: 'jaw-spans', 'aria-label': label },
    ...rows.map(row => {
      const one = known.get(row.id)!;
      const name = span('jaw-span-name', one.label);
      name.style.paddingInlineStart = `${Math.min(row.depth, 5) * 12}px`;
      name.title = one.label;
      const bar = {
        x: `${row.start * 100}%`,
        y: 3,
        width: `${row.size * 100}%`,
        height: 10
      };
      return element(
        'li',
        { 'data-open': row.open, 'data-failed': one.failed },
        name,
        drawn(
          'svg',
          {
            class: 'jaw-track',
            width: '100%',
            height: 16,
            'aria-hidden': 'true',
            focusable: 'false'
          },
          ...ticks.map(tick =>
            drawn('line', {
              class: 'jaw-gridline',
              x1: `${tick.at * 100}%`,
              x2: `${tick.at * 100}%`,
              y2: 16
            })
          ),
          // What took no time to speak of is seen, too.
          drawn('rect', {
            ...bar,
            width: 2,
            class: 'jaw-fill',
            'data-hue': one.hue
          }),
          drawn('rect', { ...bar, class: 'jaw-fill', 'data-hue': one.hue }),
          drawn('rect', { ...bar, fill: fill(one.hue) }),
          one.failed ? drawn('rect', { ...bar, class: 'jaw-failed' }) : null
        ),
        span('jaw-span-text', one.text)
      );
    })
  );
  const axis = element(
    'div',
    { class: 'jaw-axis', 'aria-hidden': 'true' },
    ...ticks.map(tick => {
      const node = span('', formatTick(tick.ms));
      node.style.insetInlineStart = `${tick.at * 100}%`;
      return node;
    })
  );
  return element(
    'div',
    { class: 'jaw-timeline' },
    drawn(
      'svg',
      { class: 'jaw-defs', width: 0, height: 0, 'aria-hidden': 'true' },
      defs
    ),
    list,
    element('div', { class: 'jaw-axis-row' }, axis)
  );
}

export interface ISeries {
  key: string;
  label: string;
  hue: number;
}

const WIDTH = 720;
const HEIGHT = 160;

/**
 * Series over time, one upon the other. What was at a time is read with the pointer, or by keyboard: arrow keys, Home
 * and End go from time to time.
 */
export function stackedArea(options: {
  label: string;
  buckets: readonly IBucket[];
  series: readonly ISeries[];
  formatValue: (value: number) => string;
  formatTime: (time: number) => string;
  formatTimeTick: (time: number) => string;
}): HTMLElement {
  const { buckets, series } = options;
  const keys = series.map(one => one.key);
  const { layers, scale, y } = layoutStack(buckets, keys, {
    width: WIDTH,
    height: HEIGHT
  });
  const { defs, fill } = patterns();
  const hues = new Map(series.map(one => [one.key, one.hue]));
  const last = buckets.length - 1;
  let at = last;

  const cursor = drawn('rect', {
    class: 'jaw-cursor',
    width: WIDTH / buckets.length,
    height: HEIGHT,
    visibility: 'hidden'
  });
  const readout = element('div', { class: 'jaw-readout', hidden: true });
  const spoken = (index: number): string => {
    const bucket = buckets[index]!;
    const parts = series
      .filter(one => (bucket.values[one.key] ?? 0) > 0)
      .map(
        one => `${one.label} ${options.formatValue(bucket.values[one.key]!)}`
      )
      .reverse();
    const sum = options.formatValue(sumOf(bucket, keys));
    return [`${options.formatTime(bucket.time)}: ${sum}`, ...parts].join(', ');
  };
  const read = (index: number | null): void => {
    cursor.setAttribute('visibility', index === null ? 'hidden' : 'visible');
    readout.hidden = index === null;
    if (index !== null) {
      cursor.setAttribute('x', String((index * WIDTH) / buckets.length));
      readout.textContent = spoken(index);
    }
  };

  const plot = drawn(
    'svg',
    {
      class: 'jaw-plot',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
      focusable: 'false'
    },
    defs,
    ...scale.ticks.map(tick =>
      drawn('line', {
        class: 'jaw-gridline',
        x2: WIDTH,
        y1: y(tick),
        y2: y(tick)
      })
    ),
    ...layers.flatMap(layer => {
      const hue = hues.get(layer.key)!;
      return [
        drawn('path', { class: 'jaw-fill', 'data-hue': hue, d: layer.path }),
        drawn('path', { fill: fill(hue), d: layer.path })
      ];
    }),
    cursor
  );
  plot.addEventListener('pointermove', event => {
    const box = plot.getBoundingClientRect();
    const index = Math.floor(
      ((event.clientX - box.left) / box.width) * buckets.length
    );
    read(Math.min(last, Math.max(0, index)));
  });
  plot.addEventListener('pointerleave', () => read(null));

  const axis = element(
    'div',
    { class: 'jaw-axis', 'aria-hidden': 'true' },
    ...labelled(buckets.length, WIDTH, 110).map(index => {
      const node = span('', options.formatTimeTick(buckets[index]!.time));
      node.style.insetInlineStart = `${((index + 0.5) / buckets.length) * 100}%`;
      return node;
    })
  );
  const scaleNode = element(
    'div',
    { class: 'jaw-scale', 'aria-hidden': 'true' },
    ...scale.ticks.map(tick => {
      const node = span('', options.formatValue(tick));
      node.style.top = `${(y(tick) / HEIGHT) * 100}%`;
      return node;
    })
  );
  const frame = element(
    'div',
    {
      class: 'jaw-area',
      role: 'slider',
      tabindex: 0,
      'data-key': 'area',
      'aria-label': options.label,
      'aria-orientation': 'horizontal',
      'aria-valuemin': 0,
      'aria-valuemax': last,
      'aria-valuenow': at,
      'aria-valuetext': spoken(at)
    },
    scaleNode,
    element('div', { class: 'jaw-plotted' }, plot, readout),
    axis
  );
  frame.addEventListener('keydown', event => {
    const to = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      Home: 0,
      End: last
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      at = Math.min(last, Math.max(0, to));
      frame.setAttribute('aria-valuenow', String(at));
      frame.setAttribute('aria-valuetext', spoken(at));
      read(at);
    }
  });
  frame.addEventListener('blur', () => read(null));
  return frame;
}

/** A table; `right` are the columns of numbers. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (string | Node)[])[],
  right: readonly number[]
): HTMLElement {
  const align = (index: number): string | undefined =>
    right.includes(index) ? 'jaw-right' : undefined;
  return element(
    'div',
    { class: 'jaw-table' },
    element(
      'table',
      { 'aria-label': caption },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...head.map((name, index) =>
            element('th', { scope: 'col', class: align(index) }, name)
          )
        )
      ),
      element(
        'tbody',
        {},
        ...rows.map(row =>
          element(
            'tr',
            {},
            ...row.map((cell, index) =>
              element('td', { class: align(index) }, cell)
            )
          )
        )
      )
    )
  );
}
