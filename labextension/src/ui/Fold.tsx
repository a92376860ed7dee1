import { caretRightIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

/** A line that unfolds. What is in it is drawn when it is first opened. */
export function Fold(props: {
  summary: React.ReactNode;
  children: React.ReactNode;
  className: string;
  open?: boolean;
}): JSX.Element {
  const [seen, setSeen] = useState(props.open ?? false);
  return (
    <details
      className={`jp-agent-Fold ${props.className}`}
      open={props.open}
      onToggle={event => {
        if (event.currentTarget.open) {
          setSeen(true);
        }
      }}
    >
      <summary>
        <caretRightIcon.react tag="span" className="jp-agent-Fold-caret" />
        {props.summary}
      </summary>
      <div className="jp-agent-Fold-body">{seen && props.children}</div>
    </details>
  );
}
