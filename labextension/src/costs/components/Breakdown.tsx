import React, { useEffect, useRef, useState } from 'react';
import type { ICostReport, ICostRow, ITotals } from '../../api/types';
import { DataTable, Swatch, type IColumn } from '../../charts';
import { useCosts } from '../context';
import { useLoad } from '../load';
import {
  grouped,
  modelKey,
  seriesOf,
  spanOf,
  tokensOf,
  type Choice
} from '../report';
import { purposeLabel, sessionLabel } from '../words';
import { Choices, Problem, ShareBar, Skeleton } from './parts';
import { Transactions } from './Transactions';

/** By what costs are told apart. */
export type By = 'model' | 'session' | 'purpose';

/** What of it is looked at: each narrows the one before it. */
export interface ITrail {
  model?: { provider: string; model: string };
  session?: { id: string | null; title: string };
  purpose?: string;
}

interface IGroup {
  key: string;
  label: string;
  note?: string;
  hue: number | null;
  totals: ITotals;
  open: ITrail;
}

/** Costs by model, session and purpose; from each down to the requests, and from there to the turn. */
export function Breakdown(props: {
  report: ICostReport;
  choice: Choice;
  /** What it was loaded for: when that changes, it is loaded again. */
  stamp: string;
  by: By;
  onBy: (by: By) => void;
  trail: ITrail;
  onTrail: (trail: ITrail) => void;
}): JSX.Element {
  const { trans } = useCosts();
  const { by, trail, report, choice, stamp } = props;
  // Somebody who went further down or up is told where they are, and does not lose their place.
  const place = useRef<HTMLDivElement>(null);
  const key = JSON.stringify([by, trail]);
  const before = useRef(key);
  useEffect(() => {
    if (before.current !== key) {
      before.current = key;
      if (document.activeElement === document.body) {
        place.current?.focus();
      }
    }
  }, [key]);

  const steps: { label: string; trail: ITrail }[] = [];
  if (trail.model) {
    steps.push({ label: trail.model.model, trail: { model: trail.model } });
  }
  if (trail.purpose !== undefined) {
    steps.push({
      label: purposeLabel(trail.purpose, trans),
      trail: { purpose: trail.purpose }
    });
  }
  if (trail.session) {
    steps.push({ label: trail.session.title, trail });
  }
  const all = {
    model: trans.__('All models'),
    session: trans.__('All chats'),
    purpose: trans.__('All purposes')
  }[by];

  return (
    <div ref={place} tabIndex={-1} className="jp-agent-Breakdown">
      {steps.length === 0 ? (
        <Choices
          label={trans.__('Costs by')}
          options={[
            { value: 'model' as const, label: trans.__('Models') },
            { value: 'session' as const, label: trans.__('Chats') },
            { value: 'purpose' as const, label: trans.__('Purposes') }
          ]}
          value={by}
          onChange={props.onBy}
        />
      ) : (
        <nav
          className="jp-agent-Costs-trail"
          aria-label={trans.__('Where you are')}
        >
          <ol>
            {[{ label: all, trail: {} }, ...steps].map((step, index) => (
              <li key={index}>
                {index === steps.length ? (
                  <span aria-current="page">{step.label}</span>
                ) : (
                  <button
                    type="button"
                    className="jp-agent-Costs-link"
                    onClick={() => props.onTrail(step.trail)}
                  >
                    {step.label}
                  </button>
                )}
              </li>
            ))}
          </ol>
        </nav>
      )}
      {trail.session || trail.purpose !== undefined ? (
        <Transactions
          key={key}
          choice={choice}
          stamp={stamp}
          trail={trail}
          timezone={report.timezone}
        />
      ) : trail.model ? (
        <Remote
          key={key}
          by="session"
          choice={choice}
          stamp={stamp}
          trail={trail}
          onTrail={props.onTrail}
        />
      ) : by === 'model' ? (
        <Models report={report} onTrail={props.onTrail} />
      ) : (
        <Remote
          key={key}
          by={by}
          choice={choice}
          stamp={stamp}
          trail={trail}
          onTrail={props.onTrail}
        />
      )}
    </div>
  );
}

/** Needs no request of its own: the rows by day and model say it all. */
function Models(props: {
  report: ICostReport;
  onTrail: (trail: ITrail) => void;
}): JSX.Element {
  const { trans } = useCosts();
  const hues = new Map(
    seriesOf(props.report.items).map(one => [one.key, one.hue])
  );
  const groups = grouped(props.report.items, modelKey).map(
    ({ key, first, totals }): IGroup => ({
      key,
      label: first.model ?? '',
      note: first.provider ?? '',
      hue: hues.get(key) ?? 9,
      totals,
      open: {
        model: { provider: first.provider ?? '', model: first.model ?? '' }
      }
    })
  );
  return (
    <Groups
      caption={trans.__('Costs by model')}
      head={trans.__('Model')}
      groups={groups}
      onTrail={props.onTrail}
    />
  );
}

/** Rows that the server sums. */
function Remote(props: {
  by: 'session' | 'purpose';
  choice: Choice;
  stamp: string;
  trail: ITrail;
  onTrail: (trail: ITrail) => void;
}): JSX.Element {
  const { client, numbers, trans } = useCosts();
  const { by, choice, trail } = props;
  const loaded = useLoad(
    JSON.stringify([by, choice, trail, props.stamp]),
    signal =>
      client.usageCosts(
        {
          ...spanOf(choice),
          by,
          provider: trail.model?.provider,
          model: trail.model?.model,
          limit: 1000
        },
        signal
      )
  );
  if (loaded.error && !loaded.data) {
    return <Problem error={loaded.error} onRetry={loaded.reload} />;
  }
  if (!loaded.data) {
    return <Skeleton height={180} />;
  }
  const report = loaded.data;
  const keyOf = (row: ICostRow): string =>
    (by === 'session' ? row.session_id : row.purpose) ?? '';
  const groups = grouped(report.items, keyOf).map(
    ({ key, first, totals }): IGroup => {
      const label =
        by === 'session'
          ? sessionLabel(first, trans)
          : purposeLabel(first.purpose, trans);
      return {
        key,
        label,
        hue: null,
        totals,
        open:
          by === 'session'
            ? { ...trail, session: { id: first.session_id, title: label } }
            : { purpose: first.purpose ?? '' }
      };
    }
  );
  return (
    <>
      <Groups
        caption={
          by === 'session'
            ? trans.__('Costs by chat')
            : trans.__('Costs by purpose')
        }
        head={by === 'session' ? trans.__('Chat') : trans.__('Purpose')}
        groups={groups}
        onTrail={props.onTrail}
        busy={loaded.busy}
      />
      {report.total > report.items.length && (
        <p className="jp-agent-Costs-hint">
          {trans.__(
            'These are %1 of %2; an export has all.',
            numbers.count(report.items.length),
            numbers.count(report.total)
          )}
        </p>
      )}
    </>
  );
}

function Groups(props: {
  caption: string;
  head: string;
  groups: readonly IGroup[];
  onTrail: (trail: ITrail) => void;
  busy?: boolean;
}): JSX.Element {
  const { numbers, trans } = useCosts();
  const { groups } = props;
  const whole = groups.reduce(
    (sum, group) => sum + Number(group.totals.cost),
    0
  );
  const tokens = groups.reduce((sum, group) => sum + tokensOf(group.totals), 0);
  const shareOf = ({ totals }: IGroup): number =>
    whole > 0
      ? Number(totals.cost) / whole
      : tokens > 0
        ? tokensOf(totals) / tokens
        : 0;
  const columns: IColumn<IGroup>[] = [
    {
      key: 'name',
      label: props.head,
      by: group => group.label,
      cell: group => (
        <button
          type="button"
          className="jp-agent-Costs-link jp-agent-Breakdown-name"
          onClick={() => props.onTrail(group.open)}
        >
          {group.hue !== null && <Swatch hue={group.hue} />}
          <span>
            {group.label}
            {group.note && (
              <span className="jp-agent-Breakdown-note"> {group.note}</span>
            )}
          </span>
        </button>
      )
    },
    {
      key: 'share',
      label: trans.__('Share'),
      less: 1,
      cell: group => (
        <span className="jp-agent-Breakdown-share">
          <ShareBar share={shareOf(group)} hue={group.hue ?? 0} />
          <span>{numbers.percent(shareOf(group))}</span>
        </span>
      )
    },
    {
      key: 'cost',
      label: trans.__('Cost'),
      numeric: true,
      by: group => Number(group.totals.cost),
      cell: ({ totals }) =>
        Number(totals.cost) === 0 && totals.unpriced > 0 ? (
          <span className="jp-agent-Costs-none">
            {trans.__('no price known')}
          </span>
        ) : (
          <span
            title={
              totals.unpriced > 0
                ? trans.__(
                    '%1, without %2 requests that have no known price',
                    numbers.exact(totals.cost),
                    totals.unpriced
                  )
                : numbers.exact(totals.cost)
            }
          >
            {numbers.money(totals.cost)}
            {totals.unpriced > 0 && '+'}
          </span>
        )
    },
    {
      key: 'requests',
      label: trans.__('Requests'),
      numeric: true,
      less: 1,
      by: group => group.totals.requests,
      cell: ({ totals }) => numbers.count(totals.requests)
    },
    {
      key: 'input',
      label: trans.__('Input'),
      title: trans.__('Tokens sent, those read from the cache among them'),
      numeric: true,
      less: 1,
      by: group => group.totals.input,
      cell: ({ totals }) => numbers.count(totals.input)
    },
    {
      key: 'output',
      label: trans.__('Output'),
      title: trans.__('Tokens that the model wrote'),
      numeric: true,
      less: 1,
      by: group => group.totals.output,
      cell: ({ totals }) => numbers.count(totals.output)
    },
    {
      key: 'cache',
      label: trans.__('From cache'),
      title: trans.__('Tokens that the provider read from its cache'),
      numeric: true,
      less: 2,
      by: group => group.totals.cache_read,
      cell: ({ totals }) => numbers.count(totals.cache_read)
    },
    {
      key: 'errors',
      label: trans.__('Failed'),
      numeric: true,
      less: 2,
      by: group => group.totals.errors,
      cell: ({ totals }) => numbers.count(totals.errors)
    }
  ];
  return (
    <div aria-busy={props.busy}>
      <DataTable
        caption={props.caption}
        columns={columns}
        rows={groups}
        rowKey={group => group.key}
        trans={trans}
        page={10}
        order={{ column: 'cost', descending: true }}
      />
    </div>
  );
}

/** For the tab and its first report: the way from a session, where the dashboard was opened for one. */
export function useTrail(): [
  By,
  (by: By) => void,
  ITrail,
  (t: ITrail) => void
] {
  const [by, setBy] = useState<By>('model');
  const [trail, setTrail] = useState<ITrail>({});
  return [by, setBy, trail, setTrail];
}
