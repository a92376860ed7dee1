/** Small things of the dashboard. */
import React, { useId } from 'react';
import { useCosts } from '../context';
import { problemWords } from '../words';

/** A part of the page with a heading of its own. */
export const Section = React.forwardRef<
  HTMLElement,
  {
    title: string;
    /** Stands beside the title. */
    aside?: React.ReactNode;
    children: React.ReactNode;
    className?: string;
    busy?: boolean;
  }
>((props, ref): JSX.Element => {
  const id = useId();
  return (
    <section
      ref={ref}
      className={`jp-agent-Costs-section ${props.className ?? ''}`}
      aria-labelledby={id}
      aria-busy={props.busy}
    >
      <div className="jp-agent-Costs-sectionHead">
        <h2 id={id}>{props.title}</h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
});
Section.displayName = 'Section';

/** Something could not be loaded. */
export function Problem(props: {
  error: unknown;
  onRetry: () => void;
}): JSX.Element {
  const { trans } = useCosts();
  return (
    <div className="jp-agent-Costs-problem" role="alert">
      <span>{problemWords(props.error, trans)}</span>
      <button type="button" className="jp-agent-button" onClick={props.onRetry}>
        {trans.__('Try again')}
      </button>
    </div>
  );
}

/** Stands where something comes, as high as that will be. */
export function Skeleton(props: { height: number }): JSX.Element {
  const { trans } = useCosts();
  return (
    <div
      className="jp-agent-Costs-skeleton"
      style={{ height: props.height }}
      role="status"
    >
      <span className="jp-agent-spoken">{trans.__('Loading…')}</span>
    </div>
  );
}

/** One of a few. */
export function Choices<T extends string>(props: {
  label: string;
  options: readonly { value: T; label: string; title?: string }[];
  value: T | null;
  onChange: (value: T) => void;
}): JSX.Element {
  return (
    <div className="jp-agent-Choices" role="group" aria-label={props.label}>
      {props.options.map(option => (
        <button
          key={option.value}
          type="button"
          aria-pressed={props.value === option.value}
          aria-label={option.title}
          title={option.title}
          onClick={() => props.onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

/** A share of something as a bar behind its number; the number says the same. */
export function ShareBar(props: { share: number; hue: number }): JSX.Element {
  return (
    <svg
      className="jp-agent-ShareBar"
      width="100%"
      height="6"
      aria-hidden="true"
    >
      <rect className="jp-agent-Chart-empty" width="100%" height="6" rx="3" />
      <rect
        className="jp-agent-Chart-fill"
        data-hue={props.hue}
        width={`${Math.max(props.share > 0 ? 0.6 : 0, props.share * 100)}%`}
        height="6"
        rx="3"
      />
    </svg>
  );
}
