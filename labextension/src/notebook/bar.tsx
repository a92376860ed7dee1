/** The line above a cell that an agent has changed: what happened to it, and what can be done about it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { agentIcon } from '../icons';
import { DiffView } from '../tools/diff';
import type { IMark, MarkKind } from './marks';

interface IBarProps {
  mark: IMark;
  trans: TranslationBundle;
  /** Reject, where it cannot be done, with an Error that says why. */
  accept: (mark: IMark) => Promise<void>;
  reject: (mark: IMark) => Promise<void>;
}

function words(kind: MarkKind, trans: TranslationBundle): string {
  switch (kind) {
    case 'added':
      return trans.__('Added by the agent');
    case 'changed':
      return trans.__('Changed by the agent');
    case 'moved':
      return trans.__('Moved by the agent');
    case 'deleted':
      return trans.__('Cell deleted by the agent');
  }
}

export function ChangeBar(props: IBarProps): JSX.Element {
  const { mark, trans, accept, reject } = props;
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const id = useId();
  const what = words(mark.kind, trans);
  const decide = (decision: IBarProps['accept']) => async () => {
    setBusy(true);
    await decision(mark);
    setBusy(false);
  };
  return (
    <div className="jp-agent-Change-content" role="group" aria-label={what}>
      <div className="jp-agent-Change-line">
        <agentIcon.react tag="span" className="jp-agent-icon" />
        <span className="jp-agent-Change-what">{what}</span>
        {mark.kind !== 'moved' && (
          <button
            type="button"
            className="jp-agent-button"
            data-action="show"
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            {open
              ? trans.__('Hide')
              : mark.kind === 'changed'
                ? trans.__('Show diff')
                : trans.__('Show')}
          </button>
        )}
        <button
          type="button"
          className="jp-agent-button"
          data-action="accept"
          disabled={busy}
          onClick={() => void decide(accept)()}
        >
          {trans.__('Accept')}
        </button>
        <button
          type="button"
          className="jp-agent-button"
          data-action="reject"
          disabled={busy}
          onClick={() => void decide(reject)()}
        >
          {mark.kind === 'deleted' ? trans.__('Restore') : trans.__('Reject')}
        </button>
      </div>
      <div id={id} className="jp-agent-Change-diff" hidden={!open}>
        {open && (
          <DiffView
            before={mark.before}
            after={mark.after}
            language={mark.language}
            label={what}
            mode="side"
            trans={trans}
          />
        )}
      </div>
    </div>
  );
}

/** Draws it into a node; calling the result takes it away. */
export function drawBar(node: HTMLElement, props: IBarProps): () => void {
  const root = createRoot(node);
  root.render(<ChangeBar {...props} />);
  return () => root.unmount();
}
