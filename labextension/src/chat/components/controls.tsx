import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useState } from 'react';
import { IconButton } from '../../ui/IconButton';
import { useChat } from '../context';

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
