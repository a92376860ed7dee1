import React, { useEffect } from 'react';
import { Grade } from '../../turns/components/Grade';
import { useChat } from '../context';

/** Reads the grades of the open conversation. */
export function useGradesOf(sessionId: string | null): void {
  const { turns } = useChat();
  useEffect(() => {
    if (turns && sessionId) {
      turns.grades.load(sessionId).catch((error: unknown) =>
        // It can be graded all the same.
        console.warn('jupyterlab-agent: grades cannot be read', error)
      );
    }
  }, [turns, sessionId]);
}

/** The grade of an answer; seen when one turns to it, and where it was given. */
export function AnswerGrade(props: { turnId: string }): JSX.Element | null {
  const { trans, turns } = useChat();
  return (
    turns && <Grade grades={turns.grades} turnId={props.turnId} trans={trans} />
  );
}
