import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import type { IBudgetState, IUsageSummary } from '../../api/types';
import {
  draftOf,
  limitsOf,
  problemOf,
  sameLimits,
  tidied,
  tightest,
  worst
} from '../budgets';
import { NOTHING } from '../report';

const trans = nullTranslator.load('jupyterlab_agent');

function state(part: Partial<IBudgetState>): IBudgetState {
  return {
    scope: 'day',
    session_id: null,
    soft: null,
    hard: null,
    source: 'user',
    spent: '0',
    left: null,
    fraction: null,
    state: 'ok',
    resets_at: null,
    unpriced: 0,
    ...part
  };
}

const line = (soft: string, hard: string) => ({
  scope: 'day' as const,
  sessionId: null,
  soft,
  hard
});

describe('what is typed', () => {
  it('is taken as a person writes it', () => {
    expect(tidied(' $ 1 000.50 ')).toBe('1000.50');
    expect(tidied('.5')).toBe('0.5');
    expect(tidied('5.')).toBe('5');
  });

  it('is refused where the server would refuse it', () => {
    for (const text of ['1,50', '-1', '1e3', 'abc', '1.2.3', '1234567890123']) {
      expect(problemOf(line(text, ''), trans)?.field).toBe('soft');
      expect(problemOf(line('', text), trans)?.field).toBe('hard');
    }
    for (const text of ['', '0', '0.000000000001', '999999999999', '.5']) {
      expect(problemOf(line('', text), trans)).toBeNull();
    }
  });

  it('has a soft limit that is not above the hard one', () => {
    expect(problemOf(line('10', '9.99'), trans)?.field).toBe('soft');
    // As text, 10 is before 9.
    expect(problemOf(line('9', '10'), trans)).toBeNull();
    expect(problemOf(line('1', '1'), trans)).toBeNull();
  });
});

describe('an edit', () => {
  const own = [
    state({ scope: 'day', soft: '1', hard: '2' }),
    state({ scope: 'session', session_id: 's1', hard: '3' })
  ];

  it('has a line for every scope and for chats with a limit of their own', () => {
    expect(
      draftOf(own).map(one => [one.scope, one.sessionId, one.soft, one.hard])
    ).toEqual([
      ['turn', null, '', ''],
      ['session', null, '', ''],
      ['session', 's1', '', '3'],
      ['day', null, '1', '2'],
      ['month', null, '', ''],
      ['user', null, '', '']
    ]);
  });

  it('sends what limits something, and nothing that was emptied', () => {
    const draft = draftOf(own).map(one =>
      one.scope === 'day' ? { ...one, soft: ' ', hard: '$2.50' } : one
    );
    expect(limitsOf(draft)).toEqual([
      { scope: 'session', session_id: 's1', soft: null, hard: '3' },
      { scope: 'day', session_id: null, soft: null, hard: '2.50' }
    ]);
  });

  it('knows whether something was changed', () => {
    expect(sameLimits(limitsOf(draftOf(own)), own)).toBe(true);
    expect(sameLimits([], own)).toBe(false);
    expect(sameLimits([...own].reverse(), own)).toBe(true);
  });
});

describe('what counts', () => {
  it('is the hard limit with least left, by numbers', () => {
    const summary: IUsageSummary = {
      today: NOTHING,
      month: NOTHING,
      timezone: 'UTC',
      left: '9',
      budgets: [
        state({ scope: 'month', hard: '100', left: '10' }),
        state({ scope: 'day', hard: '20', left: '9' }),
        state({ scope: 'user', soft: '1' })
      ]
    };
    expect(tightest(summary)?.scope).toBe('day');
    expect(tightest({ ...summary, budgets: [] })).toBeNull();
  });

  it('is the worst state of all', () => {
    const soft = state({ state: 'soft' });
    const hard = state({ state: 'hard', scope: 'month' });
    expect(worst([state({}), soft, hard])?.budget).toBe(hard);
    expect(worst([soft, state({})])?.level).toBe('soft');
    expect(worst([state({})])).toBeNull();
  });
});
