import { checkIcon, copyIcon, type LabIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useState } from 'react';
import { useChat } from '../context';

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

/** Copies text, and shows for a moment that it did. */
export function CopyButton(props: {
  text: () => string;
  label: string;
}): JSX.Element {
  const { trans } = useChat();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return;
    }
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      icon={copied ? checkIcon : copyIcon}
      label={copied ? trans.__('Copied') : props.label}
      onClick={() => {
        void navigator.clipboard
          .writeText(props.text())
          .then(() => setCopied(true));
      }}
    />
  );
}
