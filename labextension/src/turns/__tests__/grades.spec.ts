import { Signal } from '@lumino/signaling';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/errors';
import type { ITopicEvent } from '../../api/socket';
import type { IFeedback } from '../../api/types';
import type { IAgentClient } from '../../tokens';
import { Grades } from '../grades';

function feedback(turnId: string, grade: number, comment = ''): IFeedback {
  return {
    turn_id: turnId,
    session_id: 'sess_1',
    grade,
    comment,
    source: 'lab',
    created_at: '2026-01-01T10:00:00Z',
    updated_at: '2026-01-01T10:00:00Z'
  };
}

describe('Grades', () => {
  const source = {};
  const event = new Signal<typeof source, ITopicEvent>(source);
  const client = {
    sessionFeedback: vi.fn(),
    getFeedback: vi.fn(),
    giveFeedback: vi.fn(),
    deleteFeedback: vi.fn()
  };
  let grades: Grades;
  let changes: (string | null)[];

  beforeEach(() => {
    vi.resetAllMocks();
    Signal.disconnectAll(source);
    grades = new Grades({
      client: client as unknown as IAgentClient,
      activity: { event: event as never }
    });
    changes = [];
    grades.changed.connect((_, turnId) => changes.push(turnId));
    client.giveFeedback.mockImplementation(
      (turnId: string, grade: number, comment: string) =>
        Promise.resolve(feedback(turnId, grade, comment))
    );
  });

  it('reads the grades of a conversation once, all pages', async () => {
    client.sessionFeedback
      .mockResolvedValueOnce({ items: [feedback('a', 5)], total: 2 })
      .mockResolvedValueOnce({ items: [feedback('b', 1)], total: 2 });
    await Promise.all([grades.load('sess_1'), grades.load('sess_1')]);
    expect(client.sessionFeedback).toHaveBeenCalledTimes(2);
    expect([grades.of('a')?.grade, grades.of('b')?.grade]).toEqual([5, 1]);
    expect(changes).toEqual([null]);
  });

  it('asks again after a failure', async () => {
    client.sessionFeedback.mockRejectedValueOnce(new Error('offline'));
    await expect(grades.load('sess_1')).rejects.toThrow('offline');
    client.sessionFeedback.mockResolvedValueOnce({ items: [], total: 0 });
    await grades.load('sess_1');
    expect(client.sessionFeedback).toHaveBeenCalledTimes(2);
  });

  it('keeps the comment when only the grade is given', async () => {
    client.getFeedback.mockResolvedValue(feedback('a', 2, 'too long'));
    await grades.give('a', 4);
    expect(client.giveFeedback).toHaveBeenCalledWith('a', 4, 'too long');
    expect(grades.of('a')).toMatchObject({ grade: 4, comment: 'too long' });
  });

  it('has the grade that it had where the server refuses', async () => {
    client.getFeedback.mockResolvedValue(feedback('a', 2));
    client.giveFeedback.mockRejectedValue(new Error('no'));
    await expect(grades.give('a', 4)).rejects.toThrow('no');
    expect(grades.of('a')?.grade).toBe(2);
  });

  it('takes a grade back, also one that is not there any more', async () => {
    await grades.give('a', 4, '');
    client.deleteFeedback.mockRejectedValue(new ApiError(404, 'not_found', ''));
    await grades.remove('a');
    expect(grades.of('a')).toBeNull();
    client.deleteFeedback.mockRejectedValue(new ApiError(500, 'oops', 'oops'));
    await expect(grades.remove('a')).rejects.toThrow('oops');
  });

  it('follows what other tabs do', () => {
    event.emit({
      topic: 'turns',
      snapshot: false,
      data: {
        type: 'feedback',
        turn_id: 'a',
        session_id: 'sess_1',
        grade: 3,
        comment: 'so so'
      }
    });
    expect(grades.of('a')).toMatchObject({ grade: 3, comment: 'so so' });
    event.emit({
      topic: 'turns',
      snapshot: false,
      data: {
        type: 'feedback',
        turn_id: 'a',
        session_id: 'sess_1',
        grade: null,
        comment: ''
      }
    });
    expect(grades.of('a')).toBeNull();
    event.emit({
      topic: 'turns',
      snapshot: false,
      data: { type: 'turn_started', turn: {} }
    });
    expect(changes).toEqual(['a', 'a']);
  });

  it('reads anew after a connection was lost', async () => {
    client.sessionFeedback.mockResolvedValueOnce({
      items: [feedback('a', 5)],
      total: 1
    });
    await grades.load('sess_1');
    client.sessionFeedback.mockResolvedValueOnce({
      items: [feedback('a', 1)],
      total: 1
    });
    event.emit({ topic: 'turns', snapshot: true, data: { items: [] } });
    await vi.waitFor(() => expect(grades.of('a')?.grade).toBe(1));
  });
});
