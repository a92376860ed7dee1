/** What a panel or tab of this room shows: plain data, so that it survives a reload. Pure. */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { text } from '../api/read';

export type Subject =
  | { kind: 'turn'; turnId: string }
  | { kind: 'compare'; first: string; second: string }
  | { kind: 'insights'; sessionId: string };

/** The same for the same thing: the id of its tab. */
export function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case 'turn':
      return `turn:${subject.turnId}`;
    case 'compare':
      return `compare:${subject.first}:${subject.second}`;
    case 'insights':
      return `insights:${subject.sessionId}`;
  }
}

/** What was kept over a reload; null where it is nothing of this kind. */
export function readSubject(value: unknown): Subject | null {
  const kept = (value ?? {}) as ReadonlyPartialJSONObject;
  const [turnId, first, second, sessionId] = [
    text(kept.turnId),
    text(kept.first),
    text(kept.second),
    text(kept.sessionId)
  ];
  if (kept.kind === 'turn' && turnId) {
    return { kind: 'turn', turnId };
  }
  if (kept.kind === 'compare' && first && second) {
    return { kind: 'compare', first, second };
  }
  if (kept.kind === 'insights' && sessionId) {
    return { kind: 'insights', sessionId };
  }
  return null;
}
