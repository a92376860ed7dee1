import React from 'react';
import { usePatterns } from './Patterns';
import { layoutTimeline, type ITimelineSpan } from './spans';

export interface IShownSpan extends ITimelineSpan {
  label: string;
  hue: number;
  /** What stands beside it: how long it took, and what went wrong. */
  text: string;
  /** All of it in words, for those who do not see where it stands. */
  spoken?: string;
  failed?: boolean;
  icon?: JSX.Element;
}

/** Spans of time under each other, to scale. With `onPick` each is a button. */
export function Timeline(props: {
  label: string;
  spans: readonly IShownSpan[];
  /** `0.4 s`: milliseconds on the axis. */
  formatTick: (ms: number) => string;
  now?: number;
  /** Shows only what is between these two moments. */
  range?: { from: number; to: number };
  picked?: string | null;
  onPick?: (id: string) => void;
}): JSX.Element {
  const { onPick, picked } = props;
  const { defs, fill } = usePatterns();
  const { rows, ticks } = layoutTimeline(props.spans, {
    now: props.now,
    range: props.range
  });
  const spans = new Map(props.spans.map(span => [span.id, span]));
  return (
    <div className="jp-agent-Timeline">
      <svg width="0" height="0" aria-hidden="true" focusable="false">
        {defs}
      </svg>
      <ol aria-label={props.label}>
        {rows.map(row => {
          const span = spans.get(row.id)!;
          const content = (
            <>
              <span
                className="jp-agent-Timeline-name"
                style={{
                  paddingInlineStart: `${Math.min(row.depth, 5) * 12}px`
                }}
              >
                {span.icon}
                <span>{span.label}</span>
              </span>
              <svg
                className="jp-agent-Timeline-track"
                width="100%"
                height="16"
                aria-hidden="true"
                focusable="false"
              >
                {ticks.map(tick => (
                  <line
                    key={tick.ms}
                    className="jp-agent-Chart-grid"
                    x1={`${tick.at * 100}%`}
                    x2={`${tick.at * 100}%`}
                    y2="16"
                  />
                ))}
                {!row.outside && (
                  <svg
                    x={`${row.start * 100}%`}
                    width={`${row.size * 100}%`}
                    height="16"
                    overflow="visible"
                    data-failed={span.failed ? 'true' : undefined}
                    data-open={row.open ? 'true' : undefined}
                  >
                    {/* What took no time to speak of is seen, too. */}
                    <rect
                      className="jp-agent-Chart-fill"
                      data-hue={span.hue}
                      y="3"
                      width="2"
                      height="10"
                    />
                    <rect
                      className="jp-agent-Chart-fill"
                      data-hue={span.hue}
                      y="3"
                      width="100%"
                      height="10"
                    />
                    <rect
                      fill={fill(span.hue)}
                      y="3"
                      width="100%"
                      height="10"
                    />
                    {span.failed && (
                      <rect
                        className="jp-agent-Timeline-failed"
                        y="3"
                        width="100%"
                        height="10"
                      />
                    )}
                  </svg>
                )}
              </svg>
              <span className="jp-agent-Timeline-text">{span.text}</span>
              {span.spoken !== undefined && (
                <span className="jp-agent-spoken">{span.spoken}</span>
              )}
            </>
          );
          return (
            <li key={row.id} data-span={row.id}>
              {onPick ? (
                <button
                  type="button"
                  className="jp-agent-Timeline-row"
                  aria-pressed={picked === row.id}
                  onClick={() => onPick(row.id)}
                >
                  {content}
                </button>
              ) : (
                <div className="jp-agent-Timeline-row">{content}</div>
              )}
            </li>
          );
        })}
      </ol>
      <div className="jp-agent-Timeline-axis" aria-hidden="true">
        <div>
          {ticks.map(tick => (
            <span
              key={tick.ms}
              style={{ insetInlineStart: `${tick.at * 100}%` }}
            >
              {props.formatTick(tick.ms)}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}
