import React, { useRef, useState } from 'react';
import { layoutBar } from './bar';
import { usePatterns } from './Patterns';

export interface IShownPart {
  key: string;
  label: string;
  value: number;
  hue: number;
  /** Its number, in words: `1,234 tokens, 12 %`. */
  text: string;
  /** Drawn as an outline only: what is free. */
  empty?: boolean;
}

/**
 * One bar by its parts, over the whole width there is. With `onPick` each part is a button: Tab goes to the bar, arrow
 * keys from part to part, Enter or the space bar picks. The numbers stand in a legend or table beside it.
 */
export function StackedBar(props: {
  /** What the bar shows, for those who do not see it. */
  label: string;
  parts: readonly IShownPart[];
  /** What the whole bar stands for; the sum of the parts if left out. */
  total?: number;
  picked?: string | null;
  onPick?: (key: string) => void;
  height?: number;
}): JSX.Element {
  const { onPick, picked, height = 24 } = props;
  const { defs, fill } = usePatterns();
  const { segments, limit } = layoutBar(props.parts, { total: props.total });
  const parts = new Map(props.parts.map(part => [part.key, part]));
  const group = useRef<SVGSVGElement>(null);
  const [current, setCurrent] = useState<string | null>(null);
  const reachable =
    segments.find(one => one.key === (current ?? picked)) ?? segments[0];

  const move = (event: React.KeyboardEvent, index: number): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[
      event.key
    ];
    const to =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? segments.length - 1
          : step === undefined
            ? -1
            : (index + step + segments.length) % segments.length;
    if (to >= 0) {
      event.preventDefault();
      event.stopPropagation();
      setCurrent(segments[to]!.key);
      const drawn = group.current?.querySelectorAll<SVGGElement>(
        '.jp-agent-StackedBar-part'
      );
      drawn?.[to]?.focus();
    }
  };

  return (
    <svg
      ref={group}
      className="jp-agent-StackedBar"
      height={height}
      width="100%"
      role={onPick ? 'group' : 'img'}
      aria-label={
        onPick
          ? props.label
          : [
              props.label,
              ...segments.map(({ key }) => {
                const part = parts.get(key)!;
                return `${part.label}: ${part.text}`;
              })
            ].join('. ')
      }
    >
      {defs}
      {segments.map((segment, index) => {
        const part = parts.get(segment.key)!;
        const box = {
          x: `${segment.start * 100}%`,
          width: `${segment.size * 100}%`,
          height
        };
        const drawn = (
          <>
            <rect
              {...box}
              className={
                part.empty ? 'jp-agent-Chart-empty' : 'jp-agent-Chart-fill'
              }
              data-hue={part.hue}
            />
            {!part.empty && <rect {...box} fill={fill(part.hue)} />}
            <rect {...box} className="jp-agent-StackedBar-edge" />
          </>
        );
        const label = `${part.label}: ${part.text}`;
        return onPick ? (
          <g
            key={segment.key}
            className="jp-agent-StackedBar-part"
            role="button"
            tabIndex={segment === reachable ? 0 : -1}
            aria-label={label}
            aria-pressed={picked === segment.key}
            onFocus={() => setCurrent(segment.key)}
            onClick={() => onPick(segment.key)}
            onKeyDown={event => {
              if (event.key === 'Enter' || event.key === ' ') {
                event.preventDefault();
                onPick(segment.key);
              } else {
                move(event, index);
              }
            }}
          >
            <title>{label}</title>
            {drawn}
          </g>
        ) : (
          <g key={segment.key}>
            <title>{label}</title>
            {drawn}
          </g>
        );
      })}
      {limit !== null && (
        <line
          className="jp-agent-StackedBar-limit"
          x1={`${limit * 100}%`}
          x2={`${limit * 100}%`}
          y1="0"
          y2={height}
        />
      )}
    </svg>
  );
}
