import React, { useState } from 'react';
import type { IBudgets, IBudgetState } from '../../api/types';
import { messageOf } from '../../ui/words';
import { useCosts, useSummary } from '../context';
import { levelWords, scopeLabel, scopeSpan } from '../budgets';
import type { ILoaded } from '../load';
import { BudgetEditor } from './BudgetEditor';
import { Problem, Section, Skeleton } from './parts';

/** What may be spent, what is spent of it, and a way to change it. */
export function Budgets(props: {
  loaded: ILoaded<IBudgets>;
  editing: boolean;
  onEditing: (editing: boolean) => void;
  /** A chat that may have a budget of its own. */
  session: { id: string; title: string } | null;
}): JSX.Element {
  const { costs, trans } = useCosts();
  const { loaded, editing } = props;
  useSummary(costs);
  const [said, setSaid] = useState<{
    text: string;
    undo: (() => Promise<IBudgets>) | null;
  } | null>(null);
  const undo = async (bringBack: () => Promise<IBudgets>): Promise<void> => {
    try {
      loaded.replace(await bringBack());
      setSaid({ text: trans.__('The budgets are as before.'), undo: null });
      void costs.refresh();
    } catch (error) {
      setSaid({
        text: trans.__('That could not be undone: %1', messageOf(error)),
        undo: bringBack
      });
    }
  };
  const budgets = loaded.data;
  const shown = (budgets?.items ?? []).filter(
    one => one.hard !== null || one.soft !== null
  );
  return (
    <Section
      title={trans.__('Budgets')}
      busy={loaded.busy}
      aside={
        budgets &&
        !editing && (
          <button
            type="button"
            className="jp-agent-button"
            onClick={() => {
              setSaid(null);
              props.onEditing(true);
            }}
          >
            {shown.length > 0 ? trans.__('Edit') : trans.__('Set a budget')}
          </button>
        )
      }
    >
      {loaded.error && !budgets ? (
        <Problem error={loaded.error} onRetry={loaded.reload} />
      ) : !budgets ? (
        <Skeleton height={96} />
      ) : editing ? (
        <BudgetEditor
          budgets={budgets}
          session={props.session}
          onCancel={() => props.onEditing(false)}
          onSaved={(saved, undo) => {
            loaded.replace(saved);
            props.onEditing(false);
            setSaid({ text: trans.__('The budgets are saved.'), undo });
            void costs.refresh();
          }}
        />
      ) : shown.length === 0 ? (
        <p className="jp-agent-Costs-hint">
          {trans.__(
            'There is no limit. A budget warns at a soft limit and stops turns before the request that would break a hard one.'
          )}
        </p>
      ) : (
        <ul className="jp-agent-Budgets">
          {shown.map(one => (
            <BudgetBar
              key={`${one.source}:${one.scope}:${one.session_id ?? ''}`}
              budget={one}
              session={props.session}
            />
          ))}
        </ul>
      )}
      <div className="jp-agent-Costs-said" role="status">
        {said && !editing && (
          <>
            <span>{said.text}</span>
            {said.undo && (
              <button
                type="button"
                className="jp-agent-Costs-link"
                onClick={() => void undo(said.undo!)}
              >
                {trans.__('Undo')}
              </button>
            )}
          </>
        )}
      </div>
    </Section>
  );
}

/** One budget: a bar with a mark at the soft limit and its end at the hard one, and the same in words. */
export function BudgetBar(props: {
  budget: IBudgetState;
  session: { id: string; title: string } | null;
}): JSX.Element {
  const { numbers, trans } = useCosts();
  const { budget } = props;
  const end = Number(budget.hard ?? budget.soft ?? 0);
  const soft =
    budget.soft !== null && budget.hard !== null && end > 0
      ? Number(budget.soft) / end
      : null;
  const spent =
    budget.spent === null || end <= 0
      ? budget.state === 'hard'
        ? 1
        : 0
      : Math.min(1, Number(budget.spent) / end);
  const name =
    budget.session_id !== null
      ? budget.session_id === props.session?.id
        ? trans.__('The chat “%1”', props.session.title)
        : trans.__('One chat')
      : scopeLabel(budget.scope, trans);
  const limits = [
    budget.soft !== null && trans.__('warns at %1', numbers.money(budget.soft)),
    budget.hard !== null && trans.__('stops at %1', numbers.money(budget.hard))
  ].filter(Boolean);
  return (
    <li className="jp-agent-Budget" data-level={budget.state}>
      <div className="jp-agent-Budget-head">
        <span className="jp-agent-Budget-name">{name}</span>
        {budget.source === 'admin' && (
          <span className="jp-agent-Budget-source">
            {trans.__('set by the administrator')}
          </span>
        )}
        <span className="jp-agent-Budget-spent">
          {budget.spent === null
            ? ''
            : budget.hard !== null
              ? trans.__(
                  '%1 of %2',
                  numbers.money(budget.spent),
                  numbers.money(budget.hard)
                )
              : trans.__(
                  '%1 %2',
                  numbers.money(budget.spent),
                  scopeSpan(budget.scope, trans)
                )}
        </span>
      </div>
      {budget.spent !== null && (
        <svg
          className="jp-agent-Budget-bar"
          width="100%"
          height="10"
          aria-hidden="true"
        >
          <rect
            className="jp-agent-Chart-empty"
            width="100%"
            height="8"
            y="1"
            rx="2"
          />
          <rect
            className="jp-agent-Budget-fill"
            width={`${spent * 100}%`}
            height="8"
            y="1"
            rx="2"
          />
          {soft !== null && (
            <line
              className="jp-agent-Budget-soft"
              x1={`${soft * 100}%`}
              x2={`${soft * 100}%`}
              y2="10"
            />
          )}
        </svg>
      )}
      <div className="jp-agent-Budget-foot">
        <span>{limits.join(', ')}</span>
        {budget.spent !== null && (
          <span className="jp-agent-Level" data-level={budget.state}>
            {levelWords(budget.state, trans)}
          </span>
        )}
        {budget.resets_at !== null && (
          <span>
            {trans.__('begins anew %1', numbers.moment(budget.resets_at))}
          </span>
        )}
        {budget.unpriced > 0 && (
          <span>
            {trans._n(
              'without %1 request that has no known price',
              'without %1 requests that have no known price',
              budget.unpriced
            )}
          </span>
        )}
      </div>
    </li>
  );
}
