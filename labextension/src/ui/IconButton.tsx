import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

/** A button that shows an icon and says its name. */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  onClick: (event: React.MouseEvent<HTMLButtonElement>) => void;
  className?: string;
  expanded?: boolean;
  popup?: 'menu' | 'dialog' | 'listbox';
  disabled?: boolean;
}): JSX.Element {
  return (
    <button
      type="button"
      className={`jp-agent-iconButton ${props.className ?? ''}`}
      title={props.label}
      aria-label={props.label}
      aria-expanded={props.expanded}
      aria-haspopup={props.popup}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      <props.icon.react tag="span" className="jp-agent-icon" />
    </button>
  );
}
