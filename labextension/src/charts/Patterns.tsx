import React, { useId } from 'react';
import { PATTERNS } from './palette';

/** Names of this chart's patterns: what several charts of a page call the same would be the first one's. */
export function usePatterns(): {
  defs: JSX.Element;
  fill: (hue: number) => string;
} {
  // Colons have a meaning of their own in what names it.
  const id = useId().replace(/:/g, '');
  return {
    defs: (
      <defs>
        {PATTERNS.map(({ size, path, filled }, hue) => (
          <pattern
            key={hue}
            id={`${id}-${hue}`}
            width={size}
            height={size}
            patternUnits="userSpaceOnUse"
          >
            <path
              d={path}
              className={`jp-agent-Chart-pattern ${filled ? 'jp-mod-filled' : ''}`}
            />
          </pattern>
        ))}
      </defs>
    ),
    fill: hue => `url(#${id}-${hue})`
  };
}

/** The sample of a hue and its pattern that stands beside a name. */
export function Swatch(props: { hue: number }): JSX.Element {
  const { defs, fill } = usePatterns();
  return (
    <svg className="jp-agent-Swatch" width="12" height="12" aria-hidden="true">
      {defs}
      <rect
        className="jp-agent-Chart-fill"
        data-hue={props.hue}
        width="12"
        height="12"
        rx="2"
      />
      <rect width="12" height="12" rx="2" fill={fill(props.hue)} />
    </svg>
  );
}
