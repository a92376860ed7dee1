/** A turn as it was saved in a notebook: pure. */
import { Signal } from '@lumino/signaling';
import { list, record, text } from '../api/read';
import type {
  IContextSnapshot,
  IModelSelection,
  ITip,
  ITrace,
  ITurn
} from '../api/types';
import type { IInspected, ITurnSource } from './inspection';
import { readReached } from './words';

const NOTHING = { value: null, problem: null };

/**
 * What a saved output holds.
 *
 * @returns null where it is none: another version, or damaged.
 */
export function readSaved(data: unknown): IInspected | null {
  const saved = record(data);
  const turn = record(saved.turn);
  if (
    saved.version !== 1 ||
    !text(turn.id) ||
    !text(turn.created_at) ||
    typeof turn.usage !== 'object'
  ) {
    return null;
  }
  const trace = record(saved.trace);
  const wrapped = saved.selections;
  const selections = Array.isArray(wrapped) ? wrapped : record(wrapped).items;
  const context = Array.isArray(saved.context)
    ? saved.context
    : record(saved.context).items;
  return {
    phase: 'ready',
    failure: null,
    turn: turn as unknown as ITurn,
    reached: readReached(turn.budget),
    contexts: {
      value: list<IContextSnapshot>(context).map(one => ({
        ...one,
        items: list(one.items),
        left_out: list(one.left_out) as IContextSnapshot['left_out'],
        retrieved: list(one.retrieved) as IContextSnapshot['retrieved']
      })) as IContextSnapshot[],
      problem: null
    },
    trace: Array.isArray(trace.spans)
      ? { value: trace as unknown as ITrace, problem: null }
      : NOTHING,
    calls: NOTHING,
    selections: { value: list<IModelSelection>(selections), problem: null },
    advice: {
      value: { tips: list<ITip>(saved.tips), analysis: null },
      problem: null
    }
  };
}

/** A source that stays as it is. */
export class SavedTurn implements ITurnSource {
  constructor(readonly state: IInspected) {}

  readonly changed = new Signal<this, void>(this);
  readonly contents = null;
  readonly again = null;
  readonly reload = null;
  readonly analyze = null;
}
