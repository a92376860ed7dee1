import { describe, expect, it } from 'vitest';
import type { ITipAction } from '../../api/types';
import { deedOf } from '../actions';

const place = { sessionId: 'sess_1', turnId: 'turn_1' };
const session = { sessionId: 'sess_1', turnId: null };
const all = () => true;

function action(kind: string, args: Record<string, unknown> = {}): ITipAction {
  return { kind, label: 'Do it', arguments: args } as ITipAction;
}

describe('deedOf', () => {
  it('runs commands of the application, in the chat that they are for', () => {
    expect(deedOf(action('new_session'), place, all)).toEqual({
      do: 'command',
      command: 'agent:new-chat',
      args: {},
      sessionId: null
    });
    expect(
      deedOf(
        action('choose_model', {
          session_id: 'sess_2',
          provider: 'p',
          model: 'm'
        }),
        place,
        all
      )
    ).toEqual({
      do: 'command',
      command: 'agent:pick-model',
      args: { provider: 'p', model: 'm' },
      sessionId: 'sess_2'
    });
    expect(
      deedOf(action('set_budget', { scope: 'turn', soft: '0.05' }), place, all)
    ).toEqual({
      do: 'command',
      command: 'agent:edit-budgets',
      args: { scope: 'turn', soft: '0.05', sessionId: 'sess_1' },
      sessionId: null
    });
  });

  it('takes the command that is there, and has no button without one', () => {
    expect(
      deedOf(action('set_budget'), place, name => name === 'agent:open-costs')
    ).toMatchObject({ command: 'agent:open-costs' });
    for (const kind of [
      'new_session',
      'choose_model',
      'restrict_tools',
      'set_budget',
      'open_settings'
    ]) {
      expect(deedOf(action(kind), place, () => false)).toBeNull();
    }
    expect(deedOf(action('fly_to_the_moon'), place, all)).toBeNull();
  });

  it('changes settings by their name', () => {
    expect(
      deedOf(
        action('open_settings', { name: 'turns.system_prompt' }),
        place,
        all
      )
    ).toEqual({ do: 'setting', name: 'turns.system_prompt' });
    expect(deedOf(action('set_context_budget'), place, all)).toEqual({
      do: 'setting',
      name: 'turns.context_budget'
    });
  });

  it('stays on the page where it is about this turn', () => {
    expect(
      deedOf(action('open_tools', { turn_id: 'turn_1' }), place, all)
    ).toEqual({ do: 'section', section: 'tools' });
    expect(
      deedOf(
        action('open_context', { turn_id: 'turn_1', part: 'history' }),
        place,
        all
      )
    ).toEqual({ do: 'context', part: 'history' });
    expect(deedOf(action('give_feedback'), place, all)).toEqual({
      do: 'section',
      section: 'feedback'
    });
    // It is open already.
    expect(
      deedOf(action('open_turn', { turn_id: 'turn_1' }), place, all)
    ).toBeNull();
  });

  it('opens another turn where it is about that', () => {
    expect(
      deedOf(action('open_tools', { turn_id: 'turn_2' }), session, all)
    ).toEqual({ do: 'turn', turnId: 'turn_2', section: 'tools' });
    expect(
      deedOf(action('give_feedback', { turn_id: 'turn_2' }), session, all)
    ).toEqual({ do: 'turn', turnId: 'turn_2', section: 'feedback' });
    expect(
      deedOf(
        action('open_context', { turn_id: 'turn_2', part: 'history' }),
        session,
        all
      )
    ).toEqual({
      do: 'turn',
      turnId: 'turn_2',
      section: 'context',
      part: 'history'
    });
    expect(
      deedOf(action('open_turn', { turn_id: 'turn_2' }), session, all)
    ).toEqual({ do: 'turn', turnId: 'turn_2' });
    expect(deedOf(action('give_feedback'), session, all)).toBeNull();
    expect(deedOf(action('summarize'), session, all)).toEqual({
      do: 'summarize',
      sessionId: 'sess_1'
    });
  });
});
