import React from 'react';
import type { ITotals } from '../../api/types';
import { scopeSpan, tightest, worst, levelWords } from '../budgets';
import { useCosts, useSummary } from '../context';
import { amount, unpricedWords } from '../words';
import { Problem } from './parts';

/** Today, this month, and what may still be spent. */
export function Head(props: { onBudgets: () => void }): JSX.Element {
  const { costs, numbers, trans } = useCosts();
  const summary = useSummary(costs);
  if (!summary && costs.problem) {
    return (
      <Problem error={costs.problem} onRetry={() => void costs.refresh()} />
    );
  }
  const limit = summary && tightest(summary);
  const found = summary && worst(summary.budgets);
  return (
    <div className="jp-agent-Costs-head" aria-busy={summary === null}>
      <Figure label={trans.__('Today')} totals={summary?.today ?? null} />
      <Figure label={trans.__('This month')} totals={summary?.month ?? null} />
      <div
        className="jp-agent-Figure"
        data-level={found?.level ?? 'ok'}
        role="group"
        aria-label={trans.__('Budget left')}
      >
        <span className="jp-agent-Figure-label">{trans.__('Budget left')}</span>
        {limit ? (
          <>
            <span className="jp-agent-Figure-value">
              {numbers.money(summary.left ?? limit.left ?? '0')}
            </span>
            <span className="jp-agent-Figure-note">
              {trans.__(
                'of %1 %2',
                numbers.money(limit.hard!),
                scopeSpan(limit.scope, trans)
              )}
              {found && (
                <span className="jp-agent-Level" data-level={found.level}>
                  {trans.__(
                    '%1 (%2)',
                    levelWords(found.level, trans),
                    scopeSpan(found.budget.scope, trans)
                  )}
                </span>
              )}
            </span>
          </>
        ) : (
          <>
            <span className="jp-agent-Figure-value jp-mod-none">
              {summary ? trans.__('No limit') : ' '}
            </span>
            <span className="jp-agent-Figure-note">
              {summary && (
                <button
                  type="button"
                  className="jp-agent-Costs-link"
                  onClick={props.onBudgets}
                >
                  {trans.__('Set a budget')}
                </button>
              )}
              {found && (
                <span className="jp-agent-Level" data-level={found.level}>
                  {trans.__(
                    '%1 (%2)',
                    levelWords(found.level, trans),
                    scopeSpan(found.budget.scope, trans)
                  )}
                </span>
              )}
            </span>
          </>
        )}
      </div>
    </div>
  );
}

function Figure(props: { label: string; totals: ITotals | null }): JSX.Element {
  const { numbers, trans } = useCosts();
  const { totals, label } = props;
  return (
    <div className="jp-agent-Figure" role="group" aria-label={label}>
      <span className="jp-agent-Figure-label">{label}</span>
      <span
        className="jp-agent-Figure-value"
        title={totals ? numbers.exact(totals.cost) : undefined}
      >
        {totals ? numbers.money(totals.cost) : ' '}
      </span>
      <span className="jp-agent-Figure-note">
        {totals ? amount(totals, numbers, trans) : ' '}
        {totals && totals.unpriced > 0 && (
          <span>{unpricedWords(totals.unpriced, trans)}</span>
        )}
      </span>
    </div>
  );
}
