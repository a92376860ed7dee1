import type { TranslationBundle } from '@jupyterlab/translation';
import { checkIcon, type LabIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useState } from 'react';
import { IconButton } from './IconButton';

/** Milliseconds in which it says that it was done. */
const SAID = 1500;

/** A button that puts a text into the clipboard, and says so. */
export function CopyText(props: {
  text: () => string;
  label: string;
  icon: LabIcon;
  trans: TranslationBundle;
}): JSX.Element {
  const { trans } = props;
  const [done, setDone] = useState<boolean | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    let copied = true;
    try {
      await navigator.clipboard.writeText(props.text());
    } catch (error) {
      // A page without a secure connection may not.
      console.warn('jupyterlab-agent: nothing was copied', error);
      copied = false;
    }
    setDone(copied);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(null), SAID);
  };
  return (
    <IconButton
      icon={done === true ? checkIcon : props.icon}
      label={
        done === true
          ? trans.__('Copied')
          : done === false
            ? trans.__('It cannot be copied here')
            : props.label
      }
      onClick={() => void copy()}
    />
  );
}
