import React, { useEffect, useId, useRef, useState } from 'react';
import { ApiError } from '../../api/errors';
import type { IBudgetLimit, IBudgets } from '../../api/types';
import { messageOf } from '../../ui/words';
import {
  draftOf,
  keyOf,
  limitsOf,
  problemOf,
  sameLimits,
  scopeLabel,
  type Field,
  type IDraftLimit
} from '../budgets';
import { useCosts } from '../context';

/** Sets the user's own limits; the administrator's are shown, and why they stay. */
export function BudgetEditor(props: {
  budgets: IBudgets;
  session: { id: string; title: string } | null;
  onCancel: () => void;
  /** They are saved; `undo` brings back those from before, and rejects where it cannot. */
  onSaved: (budgets: IBudgets, undo: () => Promise<IBudgets>) => void;
}): JSX.Element {
  const { client, numbers, trans } = useCosts();
  const { budgets, session } = props;
  const own: readonly IBudgetLimit[] = budgets.items.filter(
    one => one.source === 'user'
  );
  const admin = new Map(
    budgets.items
      .filter(one => one.source === 'admin')
      .map(one => [one.scope, one])
  );
  const [draft, setDraft] = useState<IDraftLimit[]>(() => {
    const lines = draftOf(own);
    if (session && !lines.some(line => line.sessionId === session.id)) {
      const at = lines.findIndex(line => line.scope === 'session') + 1;
      lines.splice(at, 0, {
        scope: 'session',
        sessionId: session.id,
        soft: '',
        hard: ''
      });
    }
    return lines;
  });
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  useEffect(() => {
    form.current?.querySelector('input')?.focus();
  }, []);

  const change = (index: number, field: Field, value: string): void =>
    setDraft(before =>
      before.map((line, at) =>
        at === index ? { ...line, [field]: value } : line
      )
    );

  const save = async (): Promise<void> => {
    setTried(true);
    setFailed(null);
    const wrong = draft.findIndex(line => problemOf(line, trans));
    if (wrong >= 0) {
      const { field } = problemOf(draft[wrong]!, trans)!;
      form.current
        ?.querySelector<HTMLInputElement>(
          `#${CSS.escape(`${id}${wrong}${field}`)}`
        )
        ?.focus();
      return;
    }
    const limits = limitsOf(draft);
    if (sameLimits(limits, own)) {
      props.onCancel();
      return;
    }
    setBusy(true);
    const before = own.map(({ scope, session_id, soft, hard }) => ({
      scope,
      session_id,
      soft,
      hard
    }));
    try {
      const saved = await client.putBudgets(limits);
      props.onSaved(saved, () => client.putBudgets(before));
    } catch (error) {
      setBusy(false);
      setFailed(
        error instanceof ApiError && error.status === 422
          ? trans.__('The server does not take this: %1', error.message)
          : trans.__('The budgets are not saved: %1', messageOf(error))
      );
    }
  };

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it from anywhere inside
    <form
      ref={form}
      className="jp-agent-BudgetEditor"
      aria-label={trans.__('Edit budgets')}
      noValidate
      onSubmit={event => {
        event.preventDefault();
        if (!busy) {
          void save();
        }
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          props.onCancel();
        }
      }}
    >
      <p className="jp-agent-Costs-hint">
        {trans.__(
          'In US dollars. The soft limit warns; the hard one stops a turn before the request that would break it. Empty is no limit.'
        )}
      </p>
      <div className="jp-agent-BudgetEditor-grid" role="table">
        <div role="row" className="jp-agent-BudgetEditor-row jp-mod-head">
          <span role="columnheader">{trans.__('For')}</span>
          <span role="columnheader">{trans.__('Soft')}</span>
          <span role="columnheader">{trans.__('Hard')}</span>
        </div>
        {draft.map((line, index) => {
          const name =
            line.sessionId === null
              ? scopeLabel(line.scope, trans)
              : line.sessionId === session?.id
                ? trans.__('The chat “%1”', session.title)
                : trans.__('One chat');
          const problem = problemOf(line, trans);
          const shown =
            problem && (tried || problem.field === 'soft' || line.hard !== '')
              ? problem
              : null;
          const fixed = line.sessionId === null && admin.get(line.scope);
          const input = (field: Field, label: string): JSX.Element => (
            <span role="cell">
              <input
                id={`${id}${index}${field}`}
                className="jp-agent-input"
                inputMode="decimal"
                autoComplete="off"
                placeholder={trans.__('none')}
                value={line[field]}
                readOnly={busy}
                aria-label={label}
                aria-invalid={shown?.field === field}
                aria-describedby={shown ? `${id}${index}problem` : undefined}
                onChange={event => change(index, field, event.target.value)}
              />
            </span>
          );
          return (
            <div
              key={keyOf(line)}
              role="row"
              className="jp-agent-BudgetEditor-row"
            >
              <span role="rowheader">
                {name}
                {fixed && (
                  <span className="jp-agent-Budget-source">
                    {trans.__(
                      'The administrator has set %1: it stays, and the lower one counts.',
                      [
                        fixed.soft !== null &&
                          trans.__('soft %1', numbers.money(fixed.soft)),
                        fixed.hard !== null &&
                          trans.__('hard %1', numbers.money(fixed.hard))
                      ]
                        .filter(Boolean)
                        .join(', ')
                    )}
                  </span>
                )}
                {shown && (
                  <span
                    id={`${id}${index}problem`}
                    className="jp-agent-BudgetEditor-problem"
                    role="alert"
                  >
                    {shown.message}
                  </span>
                )}
              </span>
              {input('soft', trans.__('%1, soft limit', name))}
              {input('hard', trans.__('%1, hard limit', name))}
            </div>
          );
        })}
      </div>
      {failed && (
        <p className="jp-agent-BudgetEditor-problem" role="alert">
          {failed}
        </p>
      )}
      <div className="jp-agent-actions">
        <button
          type="submit"
          className="jp-agent-button jp-mod-primary"
          aria-disabled={busy}
        >
          {trans.__('Save')}
        </button>
        <button
          type="button"
          className="jp-agent-button"
          onClick={props.onCancel}
        >
          {trans.__('Cancel')}
        </button>
      </div>
    </form>
  );
}
