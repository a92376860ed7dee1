/** The small form above a cell: says what shall change, shows the difference before it lands. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { agentIcon } from '../icons';
import { DiffView } from '../tools/diff';

export interface ICellEditProps {
  trans: TranslationBundle;
  /** Name or media type of the cell's language. */
  language: string;
  /** The cell's source as it is now. */
  source: () => string;
  /** The source that a model makes of it. Rejects with an Error that says why there is none. */
  ask: (instruction: string, signal: AbortSignal) => Promise<string>;
  /** Puts the source into the cell. */
  land: (source: string) => void;
  /** Takes the form away. */
  close: () => void;
}

interface IProposal {
  before: string;
  after: string;
}

/** What the form does: waits for words, for the model, or for a yes. */
type State =
  | { kind: 'asking'; error?: string }
  | { kind: 'working' }
  | { kind: 'proposed'; proposal: IProposal; moved?: boolean };

export function CellEdit(props: ICellEditProps): JSX.Element {
  const { trans, language, source, ask, land, close } = props;
  const [instruction, setInstruction] = useState('');
  const [state, setState] = useState<State>({ kind: 'asking' });
  const input = useRef<HTMLTextAreaElement>(null);
  const accept = useRef<HTMLButtonElement>(null);
  const request = useRef<AbortController | null>(null);

  useEffect(() => {
    if (state.kind === 'asking') {
      input.current?.focus();
    } else if (state.kind === 'proposed') {
      accept.current?.focus();
    }
  }, [state.kind]);
  useEffect(() => () => request.current?.abort(), []);

  const send = async (): Promise<void> => {
    const before = source();
    const controller = new AbortController();
    request.current = controller;
    setState({ kind: 'working' });
    try {
      const after = await ask(instruction.trim(), controller.signal);
      if (!controller.signal.aborted) {
        setState(
          after === before
            ? {
                kind: 'asking',
                error: trans.__('The model changed nothing. Say it otherwise.')
              }
            : { kind: 'proposed', proposal: { before, after } }
        );
      }
    } catch (error) {
      if (!controller.signal.aborted) {
        setState({
          kind: 'asking',
          error: error instanceof Error ? error.message : String(error)
        });
      }
    }
  };

  const stop = (): void => {
    request.current?.abort();
    setState({ kind: 'asking' });
  };

  const take = ({ before, after }: IProposal): void => {
    const now = source();
    if (now !== before) {
      // What the user typed meanwhile is not written over unseen.
      setState({
        kind: 'proposed',
        proposal: { before: now, after },
        moved: true
      });
      return;
    }
    land(after);
    close();
  };

  const keys = (event: React.KeyboardEvent): void => {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) {
      return;
    }
    if (event.key === 'Escape') {
      event.preventDefault();
      if (state.kind === 'working') {
        stop();
      } else {
        close();
      }
    } else if (
      event.key === 'Enter' &&
      !event.shiftKey &&
      event.target === input.current
    ) {
      event.preventDefault();
      if (instruction.trim()) {
        void send();
      }
    }
  };

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of what is in it
    <form
      className="jp-agent-CellEdit"
      aria-label={trans.__('Edit the cell with a prompt')}
      onKeyDown={keys}
      onSubmit={event => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="jp-agent-CellEdit-line">
        <agentIcon.react tag="span" className="jp-agent-icon" />
        <textarea
          ref={input}
          className="jp-agent-CellEdit-input"
          rows={1}
          value={instruction}
          readOnly={state.kind !== 'asking'}
          aria-label={trans.__('What shall change in this cell?')}
          placeholder={trans.__('What shall change in this cell?')}
          onChange={event => setInstruction(event.target.value)}
        />
        {state.kind === 'asking' && (
          <>
            <button
              type="submit"
              className="jp-agent-button jp-mod-primary"
              disabled={!instruction.trim()}
            >
              {trans.__('Send')} <kbd>{trans.__('Enter')}</kbd>
            </button>
            <button type="button" className="jp-agent-button" onClick={close}>
              {trans.__('Cancel')} <kbd>{trans.__('Esc')}</kbd>
            </button>
          </>
        )}
        {state.kind === 'working' && (
          <>
            <span className="jp-agent-CellEdit-working" role="status">
              {trans.__('Writing…')}
            </span>
            <button type="button" className="jp-agent-button" onClick={stop}>
              {trans.__('Stop')} <kbd>{trans.__('Esc')}</kbd>
            </button>
          </>
        )}
        {state.kind === 'proposed' && (
          <>
            <button
              ref={accept}
              type="button"
              className="jp-agent-button jp-mod-primary"
              data-action="accept"
              onClick={() => take(state.proposal)}
            >
              {trans.__('Accept')} <kbd>{trans.__('Enter')}</kbd>
            </button>
            <button
              type="button"
              className="jp-agent-button"
              data-action="reject"
              onClick={close}
            >
              {trans.__('Reject')} <kbd>{trans.__('Esc')}</kbd>
            </button>
            <button
              type="button"
              className="jp-agent-button"
              data-action="again"
              onClick={() => setState({ kind: 'asking' })}
            >
              {trans.__('Say it otherwise')}
            </button>
          </>
        )}
      </div>
      {state.kind === 'asking' && state.error && (
        <div className="jp-agent-CellEdit-error" role="alert">
          {state.error}
        </div>
      )}
      {state.kind === 'proposed' && (
        <>
          {state.moved && (
            <div className="jp-agent-CellEdit-error" role="alert">
              {trans.__(
                'The cell was changed meanwhile. This is the difference to what is there now.'
              )}
            </div>
          )}
          <DiffView
            before={state.proposal.before}
            after={state.proposal.after}
            language={language}
            label={trans.__('Cell')}
            mode="inline"
            trans={trans}
          />
        </>
      )}
    </form>
  );
}

/** Draws the form into a node; calling the result takes it away. */
export function drawCellEdit(
  node: HTMLElement,
  props: ICellEditProps
): () => void {
  const root = createRoot(node);
  root.render(<CellEdit {...props} />);
  return () => root.unmount();
}
