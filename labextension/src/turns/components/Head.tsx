import {
  checkIcon,
  circleIcon,
  errorIcon,
  pauseIcon,
  stopIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import React, { useEffect, useState } from 'react';
import type { ITurn } from '../../api/types';
import { noteIcon } from '../../icons';
import { seconds } from '../../ui/words';
import { useTurns } from '../context';
import {
  costText,
  durationOf,
  reachedSentence,
  statusOf,
  type IReached,
  type Tone
} from '../words';

const ICONS: Record<Tone, LabIcon> = {
  good: checkIcon,
  info: noteIcon,
  warning: stopIcon,
  error: errorIcon,
  running: circleIcon
};

/** The time, again every second while something runs. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) {
      return;
    }
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** What was asked, how it ended, and the numbers that matter. */
export function Head(props: {
  turn: ITurn;
  /** The budget that ended it. */
  reached: IReached | null;
}): JSX.Element {
  const { trans, numbers } = useTurns();
  const { turn, reached } = props;
  const running = turn.status !== 'finished';
  const now = useNow(running);
  const { tone, label } = statusOf(turn, trans);
  const Icon = turn.status === 'waiting' ? pauseIcon : ICONS[tone];
  const { usage } = turn;
  const facts: [string, string][] = [
    [
      trans.__('Model'),
      [turn.provider, turn.model].filter(Boolean).join(' / ') || trans.__('–')
    ],
    [trans.__('Time'), seconds(durationOf(turn, now), trans)],
    [
      trans.__('Tokens'),
      trans.__(
        '%1 in, %2 out',
        numbers.count(usage.input),
        numbers.count(usage.output)
      )
    ],
    [trans.__('Cost'), costText(usage, numbers, trans)]
  ];
  if (usage.requests > 1) {
    facts.push([trans.__('Requests'), numbers.count(usage.requests)]);
  }
  facts.push([trans.__('Began'), numbers.moment(turn.created_at)]);
  return (
    <header className="jp-agent-Inspector-head">
      <blockquote className="jp-agent-Inspector-question">
        {turn.message || trans.__('(no words: only what was attached)')}
      </blockquote>
      <div className={`jp-agent-Inspector-status jp-mod-${tone}`} role="status">
        <Icon.react tag="span" className="jp-agent-icon" />
        <span>{label}</span>
      </div>
      {reached && (
        <p className="jp-agent-Inspector-why">
          {reachedSentence(reached, value => numbers.money(value), trans)}
        </p>
      )}
      {turn.error && (
        <p className="jp-agent-Inspector-why">{turn.error.message}</p>
      )}
      <dl className="jp-agent-Facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}
