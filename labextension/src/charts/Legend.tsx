import React from 'react';
import { Swatch } from './Patterns';

export interface ILegendItem {
  key: string;
  label: string;
  hue: number;
  /** Its number, in words. */
  text?: string;
}

/** Which hue is what. With `onPick` each is a button. */
export function Legend(props: {
  items: readonly ILegendItem[];
  label: string;
  picked?: string | null;
  onPick?: (key: string) => void;
}): JSX.Element {
  const { onPick } = props;
  return (
    <ul className="jp-agent-Legend" aria-label={props.label}>
      {props.items.map(item => {
        const content = (
          <>
            <Swatch hue={item.hue} />
            <span className="jp-agent-Legend-label" title={item.label}>
              {item.label}
            </span>
            {item.text !== undefined && (
              <span className="jp-agent-Legend-number">{item.text}</span>
            )}
          </>
        );
        return (
          <li key={item.key}>
            {onPick ? (
              <button
                type="button"
                aria-pressed={props.picked === item.key}
                onClick={() => onPick(item.key)}
              >
                {content}
              </button>
            ) : (
              content
            )}
          </li>
        );
      })}
    </ul>
  );
}
