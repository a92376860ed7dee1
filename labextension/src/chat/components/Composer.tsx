import { stopIcon } from '@jupyterlab/ui-components';
import React, {
  useEffect,
  useLayoutEffect,
  useRef,
  useSyncExternalStore
} from 'react';
import { sendIcon } from '../../icons';
import { useChat } from '../context';
import type { IChatState } from '../controller';
import type { IDraft } from '../draft';
import { current } from '../model';
import { IconButton } from './controls';
import { ModelPicker } from './ModelPicker';

/** What is written, drawn again when it changes. */
function useDraft(): IDraft {
  const { draft } = useChat().controller;
  return useSyncExternalStore(
    callback => {
      const slot = () => callback();
      draft.changed.connect(slot);
      return () => {
        draft.changed.disconnect(slot);
      };
    },
    () => draft.current
  );
}

/** Where one writes. Enter sends, Shift+Enter makes a line; what is sent while a turn runs is guidance. */
export function Composer(props: {
  state: IChatState;
  picking: string | null;
  setPicking: (wanted: string | null) => void;
  inputRef: React.RefObject<HTMLTextAreaElement>;
}): JSX.Element {
  const { controller, trans } = useChat();
  const { state, inputRef } = props;
  const running = current(state.conversation);
  const ready = state.phase === 'ready';
  const draft = useDraft();
  const empty = draft.text.trim() === '';
  const box = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const input = inputRef.current;
    if (input) {
      input.style.height = 'auto';
      input.style.height = `${input.scrollHeight}px`;
    }
  }, [draft.text, inputRef]);

  useEffect(() => {
    // The box is as wide as the panel: another width, other lines.
    const observer = new ResizeObserver(() => {
      const input = inputRef.current;
      if (input) {
        input.style.height = 'auto';
        input.style.height = `${input.scrollHeight}px`;
      }
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, [inputRef]);

  const send = () => {
    if (controller.send(controller.draft.text)) {
      controller.draft.take();
    }
  };
  const label = running
    ? trans.__('Guide the agent while it works')
    : trans.__('Ask the agent');
  const sendLabel = running
    ? trans.__('Send guidance (Enter)')
    : trans.__('Send (Enter)');
  return (
    <div className="jp-agent-Composer" ref={box}>
      <div className="jp-agent-Composer-box">
        <textarea
          ref={inputRef}
          className="jp-agent-Composer-input"
          rows={1}
          value={draft.text}
          disabled={state.phase === 'failed'}
          aria-label={label}
          placeholder={
            running
              ? trans.__('Guide it while it works')
              : trans.__('Ask anything')
          }
          onChange={event => controller.draft.setText(event.target.value)}
          onKeyDown={event => {
            // While an input method composes, Enter belongs to it.
            if (
              event.key === 'Enter' &&
              !event.shiftKey &&
              !event.nativeEvent.isComposing
            ) {
              event.preventDefault();
              event.stopPropagation();
              if (ready && !empty) {
                send();
              }
            }
          }}
        />
        <div className="jp-agent-Composer-foot">
          <ModelPicker
            state={state}
            wanted={props.picking}
            setWanted={props.setPicking}
          />
          <span className="jp-agent-Composer-space" />
          {running && (
            <IconButton
              icon={stopIcon}
              label={trans.__('Stop (Esc)')}
              className="jp-agent-stop"
              disabled={running.stopping || !running.turnId}
              onClick={() => void controller.stop()}
            />
          )}
          {(!running || !empty) && (
            <IconButton
              icon={sendIcon}
              label={sendLabel}
              className="jp-agent-send"
              disabled={!ready || empty}
              onClick={() => {
                send();
                inputRef.current?.focus();
              }}
            />
          )}
        </div>
      </div>
    </div>
  );
}
