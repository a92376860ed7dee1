import React, { useState } from 'react';
import { bucketAt, layoutStack, sumOf, type IBucket } from './area';
import { Swatch, usePatterns } from './Patterns';
import { labelled } from './ticks';
import { useWidth } from './useWidth';

export interface ISeries {
  key: string;
  label: string;
  hue: number;
}

/** Pixels for the numbers beside it, and for the times under it. */
const LEFT = 54;
const BOTTOM = 20;
const TOP = 8;

/**
 * Series over time, one upon the other. What was at a time is read with the pointer, or by keyboard: Tab goes to the
 * chart, arrow keys, Page Up and Down, Home and End from time to time. The same numbers stand in a table beside it.
 */
export function StackedArea(props: {
  /** What the chart shows, for those who do not see it. */
  label: string;
  buckets: readonly IBucket[];
  /** From below to above. */
  series: readonly ISeries[];
  /** A value as it is read. */
  formatValue: (value: number) => string;
  /** A value on the axis. */
  formatTick: (value: number) => string;
  /** A bucket as it is read. */
  formatTime: (time: number) => string;
  /** A bucket on the axis. */
  formatTimeTick: (time: number) => string;
  /** What the sum of all series is called. */
  totalLabel: string;
  height?: number;
  /** Somebody pressed a bucket, or Enter on it. */
  onPick?: (time: number) => void;
}): JSX.Element {
  const { buckets, series, height = 220, onPick } = props;
  const [frame, width] = useWidth<HTMLDivElement>();
  const { defs, fill } = usePatterns();
  const [pointed, setPointed] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const inner = {
    width: Math.max(0, width - LEFT - 4),
    height: height - BOTTOM - TOP
  };
  const keys = series.map(one => one.key);
  const { layers, scale, edges, y } = layoutStack(buckets, keys, inner);
  const hues = new Map(series.map(one => [one.key, one.hue]));
  const last = buckets.length - 1;
  /** Where the keyboard is: at the end, as long as nobody moved it. */
  const at = Math.min(chosen ?? last, last);
  const read = pointed ?? (focused && at >= 0 ? at : null);

  const spoken = (index: number): string => {
    const bucket = buckets[index];
    if (!bucket) {
      return '';
    }
    const parts = series
      .filter(one => (bucket.values[one.key] ?? 0) > 0)
      .map(one => `${one.label} ${props.formatValue(bucket.values[one.key]!)}`);
    return [
      `${props.formatTime(bucket.time)}: ${props.formatValue(sumOf(bucket, keys))}`,
      ...parts.reverse()
    ].join(', ');
  };

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const page = Math.max(1, Math.round(buckets.length / 10));
    const to = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      PageUp: at + page,
      PageDown: at - page,
      Home: 0,
      End: last
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      setPointed(null);
      setChosen(Math.min(last, Math.max(0, to)));
    } else if (event.key === 'Enter' && onPick && buckets[at]) {
      event.preventDefault();
      onPick(buckets[at].time);
    }
  };

  const pointAt = (event: React.PointerEvent<SVGSVGElement>): number => {
    const x =
      event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    return bucketAt(buckets.length, inner.width, x);
  };

  return (
    <div
      ref={frame}
      className="jp-agent-StackedArea"
      style={{ height }}
      role="slider"
      tabIndex={0}
      aria-label={props.label}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, last)}
      aria-valuenow={Math.max(0, at)}
      aria-valuetext={spoken(at)}
      onKeyDown={onKeyDown}
      onFocus={event =>
        setFocused(event.currentTarget.matches(':focus-visible'))
      }
      onBlur={() => setFocused(false)}
    >
      {width > 0 && (
        <svg
          width={width}
          height={height}
          aria-hidden="true"
          data-pick={onPick ? 'true' : undefined}
          onPointerMove={event => setPointed(pointAt(event))}
          onPointerDown={event => setPointed(pointAt(event))}
          onPointerLeave={() => setPointed(null)}
          onClick={() => {
            if (onPick && pointed !== null && buckets[pointed]) {
              onPick(buckets[pointed].time);
            }
          }}
        >
          {defs}
          <g transform={`translate(${LEFT},${TOP})`}>
            {scale.ticks.map(tick => (
              <g key={tick} transform={`translate(0,${y(tick)})`}>
                <line
                  className="jp-agent-Chart-grid"
                  data-base={tick === 0 ? 'true' : undefined}
                  x2={inner.width}
                />
                <text className="jp-agent-Chart-axis" x={-8} dy="0.32em">
                  {props.formatTick(tick)}
                </text>
              </g>
            ))}
            {layers.map(layer => (
              <g key={layer.key}>
                <path
                  className="jp-agent-Chart-fill"
                  data-hue={hues.get(layer.key)}
                  d={layer.path}
                />
                <path d={layer.path} fill={fill(hues.get(layer.key) ?? 0)} />
              </g>
            ))}
            {read !== null && buckets[read] && (
              <rect
                className="jp-agent-Chart-cursor"
                x={edges[read]}
                width={Math.max(1, edges[read + 1]! - edges[read]!)}
                height={inner.height}
              />
            )}
            {labelled(buckets.length, inner.width, 64).map(index => (
              <text
                key={index}
                className="jp-agent-Chart-axis jp-mod-time"
                x={Math.min(
                  Math.max((edges[index]! + edges[index + 1]!) / 2, 16),
                  inner.width - 18
                )}
                y={inner.height + 15}
              >
                {props.formatTimeTick(buckets[index]!.time)}
              </text>
            ))}
          </g>
        </svg>
      )}
      {read !== null && buckets[read] && (
        <ReadOut
          bucket={buckets[read]}
          series={series}
          formatValue={props.formatValue}
          title={props.formatTime(buckets[read].time)}
          totalLabel={props.totalLabel}
          // On the side where it does not stand over what is read.
          side={read * 2 < buckets.length ? 'end' : 'start'}
        />
      )}
    </div>
  );
}

function ReadOut(props: {
  bucket: IBucket;
  series: readonly ISeries[];
  formatValue: (value: number) => string;
  title: string;
  totalLabel: string;
  side: 'start' | 'end';
}): JSX.Element {
  const { bucket, series } = props;
  const shown = series.filter(one => (bucket.values[one.key] ?? 0) > 0);
  return (
    <div
      className="jp-agent-ReadOut"
      data-side={props.side}
      // What it says is the chart's value already.
      aria-hidden="true"
    >
      <div className="jp-agent-ReadOut-title">{props.title}</div>
      <dl>
        {[...shown].reverse().map(one => (
          <React.Fragment key={one.key}>
            <dt>
              <Swatch hue={one.hue} />
              <span>{one.label}</span>
            </dt>
            <dd>{props.formatValue(bucket.values[one.key]!)}</dd>
          </React.Fragment>
        ))}
        <dt className="jp-mod-total">{props.totalLabel}</dt>
        <dd className="jp-mod-total">
          {props.formatValue(
            sumOf(
              bucket,
              series.map(one => one.key)
            )
          )}
        </dd>
      </dl>
    </div>
  );
}
