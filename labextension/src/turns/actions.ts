/** What is done about a tip: pure. */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { record, text, textOrNull } from '../api/read';
import type { ITipAction } from '../api/types';
import type { TurnSection } from '../tokens';

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
  | { do: 'turn'; turnId: string; section?: TurnSection; part?: string }
  /** A setting of the server, by its dotted name. */
  | { do: 'setting'; name: string };

/** The setting of the context's size. */
const CONTEXT_BUDGET = 'turns.context_budget';

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
  const inTurn = (section: 'tools' | 'feedback'): Deed | null =>
    turnId === null || turnId === ''
      ? null
      : turnId === place.turnId
        ? { do: 'section', section }
        : { do: 'turn', turnId, section };
  switch (action.kind) {
    case 'new_session':
      return command('new_session', {}, false);
    case 'choose_model':
      return command(
        'choose_model',
        typeof args.provider === 'string' && typeof args.model === 'string'
          ? { provider: args.provider, model: args.model }
          : {},
        true
      );
    case 'restrict_tools':
      return command('restrict_tools', {}, true);
    case 'set_budget':
      return command('set_budget', { ...args, sessionId }, false);
    case 'set_context_budget':
      return { do: 'setting', name: text(args.name) || CONTEXT_BUDGET };
    case 'open_settings':
      return text(args.name)
        ? { do: 'setting', name: text(args.name) }
        : command('open_settings', { query: 'Agent' }, false);
    case 'summarize':
      return sessionId ? { do: 'summarize', sessionId } : null;
    case 'open_context':
      return turnId === place.turnId
        ? { do: 'context', part: textOrNull(args.part) }
        : turnId
          ? {
              do: 'turn',
              turnId,
              section: 'context',
              part: textOrNull(args.part) ?? undefined
            }
          : null;
    case 'open_tools':
      return inTurn('tools');
    case 'open_turn':
      return turnId && turnId !== place.turnId ? { do: 'turn', turnId } : null;
    case 'give_feedback':
      return inTurn('feedback');
    default:
      // A server newer than this page may know more.
      return null;
  }
}
