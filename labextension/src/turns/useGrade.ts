import { useSyncExternalStore } from 'react';
import type { IFeedback } from '../api/types';
import type { IAgentGrades } from '../tokens';

/** The grade of a turn, drawn again when it changes; undefined until it is known. */
export function useGradeOf(
  grades: IAgentGrades,
  turnId: string
): IFeedback | null | undefined {
  return useSyncExternalStore(
    callback => {
      const slot = (_: unknown, changed: string | null) => {
        if (changed === null || changed === turnId) {
          callback();
        }
      };
      grades.changed.connect(slot);
      return () => {
        grades.changed.disconnect(slot);
      };
    },
    () => grades.of(turnId)
  );
}
