/** How the list of conversations is put in order. Pure. */
import type { ISearchHit, ISession } from '../api/types';

export type Day = 'today' | 'yesterday' | 'week' | 'older';

function dayOf(iso: string, now: number): Day {
  const midnight = new Date(now);
  midnight.setHours(0, 0, 0, 0);
  const daysBefore = (days: number) => {
    const day = new Date(midnight);
    // By the calendar: a day may have 23 hours.
    day.setDate(day.getDate() - days);
    return day.getTime();
  };
  const then = Date.parse(iso);
  if (then >= midnight.getTime()) {
    return 'today';
  }
  if (then >= daysBefore(1)) {
    return 'yesterday';
  }
  return then >= daysBefore(7) ? 'week' : 'older';
}

/** Sessions by the day of their last activity; the order stays, a day without any is left out. */
export function byDay(
  sessions: readonly ISession[],
  now: number
): { day: Day; sessions: ISession[] }[] {
  const days: Day[] = ['today', 'yesterday', 'week', 'older'];
  return days
    .map(day => ({
      day,
      sessions: sessions.filter(
        session => dayOf(session.last_activity_at, now) === day
      )
    }))
    .filter(group => group.sessions.length > 0);
}

/** A snippet in pieces: those that were searched for are marked. */
export function pieces(snippet: string): { text: string; marked: boolean }[] {
  return snippet
    .split('\uE000')
    .flatMap((piece, at) => {
      if (at === 0) {
        return [{ text: piece, marked: false }];
      }
      const [marked = '', ...rest] = piece.split('\uE001');
      return [
        { text: marked, marked: true },
        { text: rest.join(''), marked: false }
      ];
    })
    .filter(piece => piece.text !== '');
}

/** Of each session the best hit that is in a message. */
export function bestHits(
  hits: readonly ISearchHit[]
): ReadonlyMap<string, ISearchHit> {
  const best = new Map<string, ISearchHit>();
  for (const hit of hits) {
    if (hit.message_id && !best.has(hit.session_id)) {
      best.set(hit.session_id, hit);
    }
  }
  return best;
}

/** An emphasis that stands as a word does: `2**3`, `f(**options)` and `__init__.py` are none. */
const EMPHASIS =
  /(?<![\w*(])(\*\*|__|~~|\*|_)(?=[^\s*_])(.+?)(?<=[^\s*_])\1(?=[.,;:!?)]*(?:\s|$))/g;

/** The words of a line of Markdown, without its marks: what a list shows of a message. Marks alone stay. */
export function plainPreview(line: string): string {
  const plain = line
    // A fence first: the language that it names is none of the words. Pictures and links leave theirs.
    .replace(/(?:`{3,}|~{3,})[\w+-]*/g, ' ')
    .replace(/!?\[([^\]]*)\]\([^)\s]*\)/g, '$1')
    .replace(/`+([^`]*)`+/g, '$1')
    .replace(/\|(?:\s*:?-{2,}:?\s*\|)+/g, ' ')
    .replace(/(^|\s)#{1,6}(?=\s)/g, '$1')
    .replace(/^\s*(?:[-*+>]|\d+[.)])\s+/, '')
    .replace(EMPHASIS, '$2')
    .replace(/\s+/g, ' ')
    .trim();
  return plain || line;
}
