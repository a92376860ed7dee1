import React, { useId, useState } from 'react';
import { dayOf, dayStart, nextOf } from '../../charts/zones';
import { useCosts } from '../context';
import { PERIODS, type Choice } from '../report';
import { periodLabel, periodShort } from '../words';
import { Choices } from './parts';

/** What time is looked at: the last days, or days of one's own. */
export function PeriodBar(props: {
  choice: Choice;
  onChange: (choice: Choice) => void;
  /** In which days begin. */
  timezone: string;
}): JSX.Element {
  const { trans } = useCosts();
  const { choice, onChange, timezone } = props;
  const [own, setOwn] = useState(false);
  const id = useId();
  const from = choice.period === null ? dayOf(choice.from, timezone) : '';
  const to = choice.period === null ? dayOf(choice.to - 1, timezone) : '';
  const [typed, setTyped] = useState({ from, to });
  const shown = own || choice.period === null;
  const start = dayStart(typed.from, timezone);
  const last = dayStart(typed.to, timezone);
  const wrong = !Number.isNaN(start) && !Number.isNaN(last) && start > last;
  const ready = !Number.isNaN(start) && !Number.isNaN(last) && !wrong;

  return (
    <div className="jp-agent-PeriodBar">
      <Choices
        label={trans.__('Time')}
        options={[
          ...PERIODS.map(value => ({
            value: value,
            label: periodShort(value, trans),
            title: periodLabel(value, trans)
          })),
          {
            value: 'own' as const,
            label: trans.__('Own'),
            title: trans.__('Own days')
          }
        ]}
        value={shown ? 'own' : choice.period}
        onChange={value => {
          if (value === 'own') {
            setTyped({ from, to });
            setOwn(true);
          } else {
            setOwn(false);
            onChange({ period: value });
          }
        }}
      />
      {shown && (
        <form
          className="jp-agent-PeriodBar-own"
          onSubmit={event => {
            event.preventDefault();
            if (ready) {
              onChange({
                period: null,
                from: start,
                to: nextOf('day', last, timezone)
              });
            }
          }}
        >
          <label htmlFor={`${id}f`}>{trans.__('From')}</label>
          <input
            id={`${id}f`}
            type="date"
            className="jp-agent-input"
            value={typed.from}
            onChange={event => setTyped({ ...typed, from: event.target.value })}
          />
          <label htmlFor={`${id}t`}>{trans.__('to')}</label>
          <input
            id={`${id}t`}
            type="date"
            className="jp-agent-input"
            value={typed.to}
            aria-invalid={wrong}
            aria-describedby={wrong ? `${id}w` : undefined}
            onChange={event => setTyped({ ...typed, to: event.target.value })}
          />
          <button type="submit" className="jp-agent-button" disabled={!ready}>
            {trans.__('Show')}
          </button>
          {wrong && (
            <span
              id={`${id}w`}
              role="alert"
              className="jp-agent-BudgetEditor-problem"
            >
              {trans.__('It ends before it begins')}
            </span>
          )}
        </form>
      )}
    </div>
  );
}
