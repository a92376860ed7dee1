/** What is done about a tip: pure. */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { record, text, textOrNull } from '../api/read';
import type { ITipAction } from '../api/types';

/** Where a tip stands. */
export interface ITipPlace {
  sessionId: string;
  /** Null where it is about the whole conversation. */
  turnId: string | null;
}

/** `command`: of the application; before it, the conversation is opened that it is for. The others are done here. */
export type Deed =
  | {
      do: 'command';
      command: string;
      args: ReadonlyPartialJSONObject;
      /** The conversation that has to be in front. */
      sessionId: string | null;
    }
  | { do: 'summarize'; sessionId: string }
  | { do: 'section'; section: 'tools' | 'feedback' }
  | { do: 'context'; part: string | null }
  | { do: 'turn'; turnId: string };

/** The commands that deeds are done with, first the ones that suit best. */
const COMMANDS = {
  new_session: ['agent:new-chat'],
  choose_model: ['agent:pick-model'],
  restrict_tools: ['agent:pick-mode'],
  set_budget: ['agent:edit-budgets', 'agent:open-costs'],
  open_settings: ['settingeditor:open']
} as const;

/**
 * How to do what a tip advises.
 *
 * @param has - whether the application has such a command.
 * @returns null where it cannot be done here: then there is no button for it.
 */
export function deedOf(
  action: ITipAction,
  place: ITipPlace,
  has: (command: string) => boolean
): Deed | null {
  const args = record(action.arguments);
  const sessionId = text(args.session_id) || place.sessionId;
  const turnId = text(args.turn_id) || place.turnId;
  const command = (
    kind: keyof typeof COMMANDS,
    given: ReadonlyPartialJSONObject,
    inSession: boolean
  ): Deed | null => {
    const known = COMMANDS[kind].find(has);
    return known
      ? {
          do: 'command',
          command: known,
          args: given,
          sessionId: inSession ? sessionId : null
        }
      : null;
  };
  switch (action.kind) {
    case 'new_session':
      return command('new_session', {}, false);
    case 'choose_model':
      return command('choose_model', {}, true);
    case 'restrict_tools':
      return command('restrict_tools', {}, true);
    case 'set_budget':
      return command('set_budget', { sessionId }, false);
    case 'open_settings':
      return command('open_settings', { query: 'Agent' }, false);
    case 'summarize':
      return sessionId ? { do: 'summarize', sessionId } : null;
    case 'open_context':
      return turnId === place.turnId
        ? { do: 'context', part: textOrNull(args.part) }
        : turnId
          ? { do: 'turn', turnId }
          : null;
    case 'open_tools':
      return place.turnId ? { do: 'section', section: 'tools' } : null;
    case 'open_turn':
      return turnId && turnId !== place.turnId ? { do: 'turn', turnId } : null;
    case 'give_feedback':
      return place.turnId
        ? { do: 'section', section: 'feedback' }
        : turnId
          ? { do: 'turn', turnId }
          : null;
    default:
      // A server newer than this page may know more.
      return null;
  }
}
