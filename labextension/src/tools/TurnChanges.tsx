import React, { useEffect, useState } from 'react';
import type { ICheckpoint, IUndoConflict } from '../api/types';
import { messageOf } from '../ui/words';
import { useTools } from './context';
import { amount, conflictsOf, conflictText } from './undo';

/**
 * All that a turn changed, read again whenever that moves; null where it changed nothing, and until it is known.
 *
 * @param wanted - it is known to have changed something, and it is time to look.
 */
export function useCheckpoint(
  turnId: string | null,
  wanted: boolean
): ICheckpoint | null {
  const { tools } = useTools();
  const [checkpoint, setCheckpoint] = useState<ICheckpoint | null>(null);
  useEffect(() => {
    if (!turnId || !wanted) {
      return;
    }
    let gone = false;
    const read = () => {
      tools
        .checkpoint(turnId)
        .then(found => {
          if (!gone) {
            setCheckpoint(found);
          }
        })
        .catch((error: unknown) =>
          // Without it there is no button to take the turn back; the next event reads it again.
          console.warn('jupyterlab-agent: a checkpoint cannot be read', error)
        );
    };
    const slot = (_: unknown, moved: { turnId: string }) => {
      if (moved.turnId === turnId) {
        read();
      }
    };
    tools.checkpointChanged.connect(slot);
    read();
    return () => {
      gone = true;
      tools.checkpointChanged.disconnect(slot);
    };
  }, [tools, turnId, wanted]);
  return checkpoint?.turn_id === turnId ? checkpoint : null;
}

/** What a turn changed, in a line, and the way to take it back. */
export function TurnChanges(props: {
  checkpoint: ICheckpoint;
}): JSX.Element | null {
  const { tools, trans, reveal } = useTools();
  const { checkpoint } = props;
  const { edits, state, turn_id: turnId } = checkpoint;
  const [busy, setBusy] = useState(false);
  const [conflicts, setConflicts] = useState<readonly IUndoConflict[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const act = async (action: () => Promise<unknown>) => {
    setBusy(true);
    setConflicts([]);
    setProblem(null);
    try {
      await action();
    } catch (error) {
      const found = conflictsOf(error);
      setConflicts(found);
      setProblem(found.length > 0 ? null : messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  if (edits.length === 0) {
    return null;
  }
  const undone = edits.filter(edit => edit.state === 'undone').length;
  const open = edits.filter(edit => edit.state === 'applied');
  return (
    <div
      className="jp-agent-TurnChanges"
      role="group"
      aria-label={trans.__('What this turn changed')}
    >
      <div className="jp-agent-TurnChanges-line">
        <span className="jp-agent-TurnChanges-text">
          {state === 'undone'
            ? trans.__('Undone: %1', amount(edits, trans))
            : state === 'partly_undone'
              ? trans.__(
                  'Changed %1; %2 of %3 changes undone',
                  amount(edits, trans),
                  undone,
                  edits.length
                )
              : trans.__('Changed %1', amount(edits, trans))}
        </span>
        {open.length > 0 && (
          <button
            type="button"
            className="jp-agent-button"
            disabled={busy}
            onClick={() => void act(() => tools.accept(turnId))}
          >
            {trans.__('Accept all')}
          </button>
        )}
        {state !== 'undone' && (
          <button
            type="button"
            className="jp-agent-button"
            disabled={busy}
            onClick={() => void act(() => tools.undo(turnId))}
          >
            {trans.__('Undo this turn')}
          </button>
        )}
        {state !== 'applied' && (
          <button
            type="button"
            className="jp-agent-button"
            disabled={busy}
            onClick={() => void act(() => tools.redo(turnId))}
          >
            {trans.__('Redo')}
          </button>
        )}
      </div>
      {conflicts.length > 0 && (
        <div className="jp-agent-Approval-problem" role="alert">
          {trans.__('Nothing was undone. Somebody changed the same since:')}
          <ul>
            {conflicts.map(conflict => (
              <li key={conflict.edit_id}>
                <button
                  type="button"
                  className="jp-agent-link"
                  onClick={() => reveal(conflict.path, conflict.cell_id)}
                >
                  {conflictText(conflict, trans)}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {problem && (
        <div className="jp-agent-Approval-problem" role="alert">
          {problem}
        </div>
      )}
    </div>
  );
}
