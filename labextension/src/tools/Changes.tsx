import React, { useState } from 'react';
import type { IChange, IEdit } from '../api/types';
import { messageOf } from '../ui/words';
import { useTools } from './context';
import { DiffView } from './diff';
import { conflictsOf, conflictText } from './undo';
import { changeTitle } from './words';

/** One change with its difference; one that was made can be accepted or taken back. */
function ChangeView(props: {
  change: IChange;
  turnId: string | null;
  state: IEdit['state'] | null;
  mode: 'inline' | 'side';
}): JSX.Element {
  const { tools, trans, reveal } = useTools();
  const { change, turnId, state } = props;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const title = changeTitle(change, trans);
  const editId = change.edit_id;
  const act = async (
    action: (turn: string, edit: string) => Promise<unknown>
  ) => {
    setBusy(true);
    setProblem(null);
    try {
      await action(turnId!, editId!);
    } catch (error) {
      const [conflict] = conflictsOf(error);
      setProblem(conflict ? conflictText(conflict, trans) : messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="jp-agent-Edited">
      <div className="jp-agent-Edited-head">
        <button
          type="button"
          className="jp-agent-link jp-agent-Edited-title"
          title={trans.__('Show %1', change.path)}
          onClick={() => reveal(change.path, change.cell_id)}
        >
          {title}
        </button>
        {state === 'accepted' && (
          <span className="jp-agent-Edited-state">{trans.__('accepted')}</span>
        )}
        {state === 'undone' && (
          <span className="jp-agent-Edited-state">{trans.__('undone')}</span>
        )}
        {turnId && editId && state === 'applied' && (
          <span className="jp-agent-Edited-actions">
            <button
              type="button"
              className="jp-agent-button"
              disabled={busy}
              aria-label={trans.__('Accept the change: %1', title)}
              onClick={() =>
                void act((turn, edit) => tools.accept(turn, [edit]))
              }
            >
              {trans.__('Accept')}
            </button>
            <button
              type="button"
              className="jp-agent-button"
              disabled={busy}
              aria-label={trans.__('Reject the change: %1', title)}
              onClick={() => void act((turn, edit) => tools.undo(turn, [edit]))}
            >
              {trans.__('Reject')}
            </button>
          </span>
        )}
      </div>
      {problem && (
        <div className="jp-agent-Edited-problem" role="alert">
          {problem}
        </div>
      )}
      {change.action === 'move' || change.action === 'rename' ? null : (
        <DiffView
          before={change.before}
          after={change.after}
          language={change.language}
          file={change.path}
          label={title}
          mode={props.mode}
          trans={trans}
        />
      )}
    </div>
  );
}

/** What a call changed, or would change. */
export function Changes(props: {
  changes: readonly IChange[];
  /** Of the turn that made them; null while they are only planned. */
  turnId: string | null;
  /** By the id of the edit, where it is known. */
  states: ReadonlyMap<string, IEdit['state']>;
}): JSX.Element {
  const { trans } = useTools();
  const { changes, turnId, states } = props;
  const [mode, setMode] = useState<'inline' | 'side'>('inline');
  return (
    <div className="jp-agent-Changes">
      {changes.map((change, at) => (
        <ChangeView
          key={change.edit_id ?? at}
          change={change}
          turnId={turnId}
          state={change.edit_id ? (states.get(change.edit_id) ?? null) : null}
          mode={mode}
        />
      ))}
      <label className="jp-agent-Changes-side">
        <input
          type="checkbox"
          checked={mode === 'side'}
          onChange={event => setMode(event.target.checked ? 'side' : 'inline')}
        />
        {trans.__('Side by side')}
      </label>
    </div>
  );
}
