import type { LabIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef } from 'react';
import { useChat } from '../context';

export interface IMenuItem {
  key: string;
  label: string;
  /** What may stand after it. */
  hint?: string | undefined;
  detail?: string | undefined;
  icon?: LabIcon | undefined;
  disabled?: boolean;
  /** @param complete - it was chosen to be written on, not to be done. */
  run: (complete: boolean) => void;
}

export interface IMenuGroup {
  key: string;
  label: string | null;
  items: readonly IMenuItem[];
  /** More of it is on its way. */
  busy?: boolean;
  problem?: string | null;
}

/** Id of the option in this place; the box names it as the active one. */
export function optionId(menuId: string, at: number): string {
  return `${menuId}-${at}`;
}

/** What the box offers, over it. The keyboard stays in the box. */
export function Menu(props: {
  id: string;
  label: string;
  groups: readonly IMenuGroup[];
  active: number;
  /** What stands there when nothing fits. */
  empty: string;
  onActive: (at: number) => void;
}): JSX.Element {
  const { trans } = useChat();
  const { id, groups, active, onActive } = props;
  const list = useRef<HTMLDivElement>(null);
  const busy = groups.some(group => group.busy);
  const starts = groups.map((_, at) =>
    groups.slice(0, at).reduce((sum, group) => sum + group.items.length, 0)
  );
  const count = groups.reduce((sum, group) => sum + group.items.length, 0);

  useEffect(() => {
    list.current
      ?.querySelector('[data-active="true"]')
      ?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  return (
    <div className="jp-agent-Suggest">
      <div
        ref={list}
        id={id}
        className="jp-agent-Suggest-list"
        role="listbox"
        aria-label={props.label}
        aria-busy={busy}
      >
        {groups.map((group, groupAt) =>
          group.items.length === 0 && !group.problem ? null : (
            <div
              key={group.key}
              role="group"
              aria-label={group.label ?? props.label}
            >
              {group.label !== null && (
                <div className="jp-agent-Suggest-label" role="presentation">
                  {group.label}
                </div>
              )}
              {group.items.map((item, itemAt) => {
                const at = starts[groupAt]! + itemAt;
                return (
                  // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the box has the keyboard
                  <div
                    key={item.key}
                    id={optionId(id, at)}
                    role="option"
                    tabIndex={-1}
                    aria-selected={at === active}
                    aria-disabled={item.disabled}
                    data-active={at === active}
                    className="jp-agent-Suggest-option"
                    // The cursor stays where it is.
                    onMouseDown={event => event.preventDefault()}
                    onPointerMove={() => onActive(at)}
                    onClick={() => item.run(false)}
                  >
                    {item.icon && (
                      <item.icon.react
                        tag="span"
                        className="jp-agent-icon jp-agent-Suggest-icon"
                      />
                    )}
                    <span className="jp-agent-Suggest-name">
                      {item.label}
                      {item.hint && (
                        <span className="jp-agent-Suggest-hint">
                          {' '}
                          {item.hint}
                        </span>
                      )}
                    </span>
                    {item.detail && (
                      <span className="jp-agent-Suggest-detail">
                        {item.detail}
                      </span>
                    )}
                  </div>
                );
              })}
              {group.problem && (
                <div className="jp-agent-Suggest-note" role="presentation">
                  {group.problem}
                </div>
              )}
            </div>
          )
        )}
      </div>
      {busy && (
        <div className="jp-agent-Suggest-note">{trans.__('Looking…')}</div>
      )}
      {count === 0 && !busy && (
        <div className="jp-agent-Suggest-note">{props.empty}</div>
      )}
    </div>
  );
}
