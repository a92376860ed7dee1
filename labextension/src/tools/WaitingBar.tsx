import React, { useEffect, useState } from 'react';
import { UnreachableError } from '../api/errors';
import { messageOf } from '../ui/words';
import { useTools } from './context';

/** Whether one of the approvals is in sight. */
function useInSight(ids: string): boolean {
  const [inSight, setInSight] = useState(true);
  useEffect(() => {
    if (!ids) {
      return;
    }
    const seen = new Set<Element>();
    const observer = new IntersectionObserver(entries => {
      for (const entry of entries) {
        if (entry.isIntersecting) {
          seen.add(entry.target);
        } else {
          seen.delete(entry.target);
        }
      }
      setInSight(seen.size > 0);
    });
    // They are drawn by then.
    const timer = setTimeout(() => {
      document
        .querySelectorAll('.jp-agent-Chat .jp-agent-Approval')
        .forEach(node => observer.observe(node));
    }, 300);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [ids]);
  return inSight;
}

/** Says that calls of this chat wait, where they are not in sight, and answers several at once. */
export function WaitingBar(props: {
  /** Ids of the approvals. */
  waiting: readonly string[];
  onShow: () => void;
}): JSX.Element | null {
  const { tools, trans } = useTools();
  const { waiting, onShow } = props;
  const inSight = useInSight(waiting.join(' '));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const count = waiting.length;
  if (count === 0 || (count === 1 && inSight)) {
    return null;
  }
  const answer = async (approve: boolean) => {
    setBusy(true);
    setProblem(null);
    try {
      await tools.answer(waiting.map(id => ({ id, approve })));
    } catch (error) {
      setProblem(
        error instanceof UnreachableError
          ? trans.__('Not sent: the server cannot be reached. They still wait.')
          : messageOf(error)
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <div
      className="jp-agent-WaitingBar"
      role="group"
      aria-label={trans.__('Calls that wait for you')}
    >
      <span className="jp-agent-WaitingBar-text">
        {trans._n('%1 call waits for you', '%1 calls wait for you', count)}
      </span>
      {count > 1 && (
        <>
          <button
            type="button"
            className="jp-agent-button jp-mod-primary"
            disabled={busy}
            onClick={() => void answer(true)}
          >
            {trans.__('Accept all (%1)', count)}
          </button>
          <button
            type="button"
            className="jp-agent-button"
            disabled={busy}
            onClick={() => void answer(false)}
          >
            {trans.__('Deny all')}
          </button>
        </>
      )}
      {!inSight && (
        <button type="button" className="jp-agent-button" onClick={onShow}>
          {trans.__('Show')}
        </button>
      )}
      {problem && (
        <div className="jp-agent-Approval-problem" role="alert">
          {problem}
        </div>
      )}
    </div>
  );
}
