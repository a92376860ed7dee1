import { closeIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useSyncExternalStore } from 'react';
import type { IComposerState } from '../composer';
import { useChat, useChatSettings } from '../context';
import { matching } from '../slash';
import { IconButton } from '../../ui/IconButton';

/** The state of the box, drawn again when it changes. */
export function useComposerState(): IComposerState {
  const { composer } = useChat();
  return useSyncExternalStore(
    callback => {
      const slot = () => callback();
      composer.stateChanged.connect(slot);
      return () => {
        composer.stateChanged.disconnect(slot);
      };
    },
    () => composer.state
  );
}

function Help(): JSX.Element {
  const { composer, trans } = useChat();
  const { sendWith } = useChatSettings();
  const keys: [string, string][] = [
    sendWith === 'enter'
      ? [trans.__('Enter'), trans.__('sends; Shift+Enter makes a line')]
      : [trans.__('Ctrl+Enter'), trans.__('sends; Enter makes a line')],
    [
      trans.__('@'),
      trans.__('attaches a notebook, a cell, a file, a variable')
    ],
    [
      trans.__('Paste or drop'),
      trans.__('adds a picture, or a file of the file browser')
    ],
    [trans.__('Up'), trans.__('in an empty box: what you wrote before')],
    [trans.__('Esc'), trans.__('stops the agent')]
  ];
  return (
    <dl className="jp-agent-Help">
      {keys.map(([key, does]) => (
        <React.Fragment key={key}>
          <dt>{key}</dt>
          <dd>{does}</dd>
        </React.Fragment>
      ))}
      {matching(composer.commands, '').map(command => (
        <React.Fragment key={command.name}>
          <dt>
            /{command.name} {command.hint}
          </dt>
          <dd>{command.label}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

/** What the box has to say: why something was not done, what is asked, what is on its way. */
export function Notice(): JSX.Element | null {
  const { composer, trans } = useChat();
  const { notice } = useComposerState();
  const calm = useRef<HTMLButtonElement>(null);
  const { choices } = notice ?? {};
  useEffect(() => {
    if (choices) {
      calm.current?.focus();
    }
  }, [choices]);
  if (!notice) {
    return null;
  }
  const dismiss = () => {
    const last = choices?.[choices.length - 1];
    if (last) {
      last.run();
    } else {
      composer.say(null);
    }
  };
  return (
    <div
      className={`jp-agent-Notice jp-mod-${notice.kind}`}
      role={
        notice.kind === 'error' ? 'alert' : choices ? 'alertdialog' : 'status'
      }
      aria-label={choices ? notice.text : undefined}
      // Escape is for what is asked, not for the turn.
      data-lm-suppress-shortcuts={choices ? true : undefined}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          dismiss();
        }
      }}
    >
      {notice.kind === 'busy' && <span className="jp-agent-Spinner" />}
      <div className="jp-agent-Notice-text">
        {notice.kind === 'help' ? <Help /> : notice.text}
        {choices && (
          <div className="jp-agent-actions">
            {choices.map((choice, at) => (
              <button
                key={choice.label}
                ref={at === choices.length - 1 ? calm : undefined}
                type="button"
                className="jp-agent-button"
                onClick={choice.run}
              >
                {choice.label}
              </button>
            ))}
          </div>
        )}
      </div>
      {!choices && notice.kind !== 'busy' && (
        <IconButton
          icon={closeIcon}
          label={trans.__('Dismiss')}
          onClick={dismiss}
        />
      )}
    </div>
  );
}
