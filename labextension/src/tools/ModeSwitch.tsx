import {
  caretUpEmptyThinIcon,
  checkIcon,
  editIcon,
  fastForwardIcon,
  lockIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import React, { useEffect, useId, useRef, useState } from 'react';
import type { Mode } from '../api/types';
import { askIcon } from '../icons';
import { useTools } from './context';
import { MODES, modeMeans, modeName } from './words';

const ICONS: Record<Mode, LabIcon> = {
  read_only: lockIcon,
  ask: askIcon,
  auto_edit: editIcon,
  auto: fastForwardIcon
};

/** How much the agent may do without asking, and the way to another choice. */
export function ModeSwitch(props: {
  /** Null until it is known. */
  mode: Mode | null;
  open: boolean;
  setOpen: (open: boolean) => void;
  onChoose: (mode: Mode) => void;
}): JSX.Element {
  const { trans } = useTools();
  const { mode, open, setOpen, onChoose } = props;
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const [wasOpen, setWasOpen] = useState(false);
  if (open !== wasOpen) {
    // It begins at what holds now.
    setWasOpen(open);
    setAt(Math.max(0, mode === null ? 1 : MODES.indexOf(mode)));
  }

  useEffect(() => {
    if (!open) {
      return;
    }
    const away = (event: PointerEvent) => {
      const target = event.target as Node;
      if (
        !menu.current?.contains(target) &&
        !button.current?.contains(target)
      ) {
        setOpen(false);
      }
    };
    document.addEventListener('pointerdown', away, true);
    return () => document.removeEventListener('pointerdown', away, true);
  }, [open, setOpen]);
  useEffect(() => {
    if (open) {
      menu.current?.querySelectorAll<HTMLElement>('[role]')[at]?.focus();
    }
  }, [open, at]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const choose = (chosen: Mode) => {
    close();
    onChoose(chosen);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const { key } = event;
    const last = MODES.length - 1;
    const to: Record<string, number> = {
      ArrowDown: at === last ? 0 : at + 1,
      ArrowUp: at === 0 ? last : at - 1,
      Home: 0,
      End: last
    };
    const next = to[key];
    if (next !== undefined) {
      event.preventDefault();
      setAt(next);
    } else if (key === 'Escape') {
      event.preventDefault();
      close();
    } else if (key === 'Tab') {
      setOpen(false);
    }
    event.stopPropagation();
  };
  const Icon = ICONS[mode ?? 'ask'];
  const name = mode === null ? trans.__('Mode') : modeName(mode, trans);
  return (
    <div className="jp-agent-Mode">
      <button
        ref={button}
        type="button"
        className={`jp-agent-button jp-agent-Mode-button jp-mod-${mode ?? 'ask'}`}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={trans.__('What the agent may do: %1', name)}
        title={
          mode === null
            ? trans.__('What the agent may do')
            : trans.__('%1: %2', name, modeMeans(mode, trans))
        }
        onClick={() => setOpen(!open)}
      >
        <Icon.react tag="span" className="jp-agent-icon" />
        <span className="jp-agent-Mode-name">{name}</span>
        <caretUpEmptyThinIcon.react
          tag="span"
          className="jp-agent-icon jp-agent-Mode-caret"
        />
      </button>
      {open && (
        <div
          ref={menu}
          className="jp-agent-Popover jp-agent-Mode-menu"
          role="menu"
          tabIndex={-1}
          aria-label={trans.__('What the agent may do')}
          // Escape is for the menu, not for the turn.
          data-lm-suppress-shortcuts={true}
          onKeyDown={onKeyDown}
        >
          {MODES.map((option, index) => {
            const OptionIcon = ICONS[option];
            return (
              <button
                key={option}
                type="button"
                role="menuitemradio"
                aria-checked={option === mode}
                aria-label={modeName(option, trans)}
                aria-describedby={`${id}-${option}`}
                tabIndex={index === at ? 0 : -1}
                className={`jp-agent-Mode-option jp-mod-${option}`}
                onPointerMove={() => setAt(index)}
                onClick={() => choose(option)}
              >
                <OptionIcon.react tag="span" className="jp-agent-icon" />
                <span className="jp-agent-Mode-words">
                  <span>{modeName(option, trans)}</span>
                  <span id={`${id}-${option}`} className="jp-agent-Mode-means">
                    {modeMeans(option, trans)}
                  </span>
                </span>
                {option === mode && (
                  <checkIcon.react tag="span" className="jp-agent-icon" />
                )}
              </button>
            );
          })}
        </div>
      )}
    </div>
  );
}
