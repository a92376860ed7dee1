import React, { useEffect, useId, useState } from 'react';
import type { ITurn } from '../../api/types';
import { messageOf } from '../../ui/words';
import { useTurns } from '../context';

/** Turns of the same conversation, of which one can be compared with this. */
export function ComparePicker(props: { turn: ITurn }): JSX.Element | null {
  const { client, trans, turns } = useTurns();
  const { turn } = props;
  const [others, setOthers] = useState<readonly ITurn[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const id = useId();
  const { session_id: sessionId, id: turnId } = turn;
  useEffect(() => {
    let gone = false;
    client
      .listTurns(sessionId, { limit: 100 })
      .then(({ items }) => {
        if (!gone) {
          setOthers(items.filter(item => item.id !== turnId));
          setProblem(null);
        }
      })
      .catch((error: unknown) => {
        if (!gone) {
          setProblem(messageOf(error));
        }
      });
    return () => {
      gone = true;
    };
  }, [client, sessionId, turnId]);
  if (problem) {
    return (
      <p className="jp-agent-Inspector-problem" role="alert">
        {problem}
      </p>
    );
  }
  if (others.length === 0) {
    return null;
  }
  const time = (one: ITurn) => Date.parse(one.created_at);
  // The one before it says most.
  const earlier = others
    .filter(other => time(other) <= time(turn))
    .sort((one, other) => time(other) - time(one))[0];
  const wanted = chosen ?? (earlier ?? others[0]!).id;
  const compare = () => {
    const other = others.find(one => one.id === wanted);
    if (other) {
      const [first, second] =
        time(other) <= time(turn) ? [other, turn] : [turn, other];
      void turns.compare(first.id, second.id);
    }
  };
  return (
    <div className="jp-agent-ComparePicker">
      <label htmlFor={id}>{trans.__('Compare with')}</label>
      <select
        id={id}
        className="jp-agent-input"
        value={wanted}
        onChange={event => setChosen(event.target.value)}
      >
        {others.map(other => (
          <option key={other.id} value={other.id}>
            {(other.message || trans.__('(no words)')).slice(0, 80)}
          </option>
        ))}
      </select>
      <button type="button" className="jp-agent-button" onClick={compare}>
        {trans.__('Compare')}
      </button>
    </div>
  );
}
