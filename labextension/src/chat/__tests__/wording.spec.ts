import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { ofTurn, outgoing } from '../model';
import type { ITurn } from '../../api/types';
import { placeholder, thought } from '../wording';

const trans = nullTranslator.load('jupyterlab_agent');

describe('thought', () => {
  it('never says that it took no time', () => {
    expect(thought(null, trans)).toBe('Thinking…');
    expect(thought(0, trans)).toBe('Thoughts');
    expect(thought(1, trans)).toBe('Thought');
    expect(thought(49, trans)).toBe('Thought');
    expect(thought(50, trans)).toBe('Thought for 0.1 s');
    expect(thought(2_340, trans)).toBe('Thought for 2.3 s');
  });
});

describe('placeholder', () => {
  const sending = outgoing('Hello', [], 'key', 0);
  const turn = { id: 'turn_1', created_at: '2026-01-01T00:00:00Z' } as ITurn;

  it('says guidance only where a turn runs that can be guided', () => {
    expect(placeholder(null, 'online', trans)).toMatch(/^Ask/);
    expect(placeholder(ofTurn(turn), 'online', trans)).toMatch(/^Guide it/);
    expect(placeholder(sending, 'online', trans)).toBe('Sending…');
    expect(placeholder(sending, 'reconnecting', trans)).toBe(
      'Sent when the server is back'
    );
  });
});
