import { refreshIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useState } from 'react';
import { IconButton } from '../../ui/IconButton';
import { messageOf } from '../../ui/words';
import { nextOf } from '../../charts/zones';
import { useCosts, useSummary } from '../context';
import { useLoad, useSeen } from '../load';
import { askPrice } from '../priceDialog';
import { periodOf, spanOf, unitOf, type Choice } from '../report';
import { sessionLabel, wholePeriodLabel } from '../words';
import type { IWanted } from '../widget';
import { Breakdown, useTrail } from './Breakdown';
import { Budgets } from './Budgets';
import { Export } from './Export';
import { Cache, Capacity, Efficiency, Hours, Lazy } from './Extras';
import { Head } from './Head';
import { PeriodBar } from './PeriodBar';
import { Problem, Section, Skeleton } from './parts';
import { Recommendations } from './Recommendations';
import { Spending } from './Spending';

/** The dashboard: what agents cost, of what, and what they may. */
export function Dashboard(props: {
  wanted: IWanted;
  /** Counts how often something was wanted. */
  round: number;
}): JSX.Element {
  const { activity, client, costs, execute, trans } = useCosts();
  const { wanted, round } = props;
  const summary = useSummary(costs);
  const [{ choice, period }, choose] = useState<{
    choice: Choice;
    /** For what is asked for by a period only. */
    period: string;
  }>({ choice: { period: '30d' }, period: '30d' });
  const setChoice = (next: Choice): void =>
    choose({ choice: next, period: periodOf(next, Date.now()) });
  const [by, setBy, trail, setTrail] = useTrail();
  const [exporting, setExporting] = useState(false);
  const [editing, setEditing] = useState(false);
  const [session, setSession] = useState<{ id: string; title: string } | null>(
    null
  );
  const [renewed, setRenewed] = useState(0);
  const [budgetsAt, budgetsSeen] = useSeen<HTMLDivElement>();
  const breakdownAt = useRef<HTMLDivElement>(null);
  const exportButton = useRef<HTMLButtonElement>(null);

  // Something was spent: all that is shown is asked for again, and stays until then.
  const spent = summary
    ? `${summary.month.requests}/${summary.month.cost}`
    : '';
  const first = useRef(spent);
  const [stamp, setStamp] = useState(0);
  useEffect(() => {
    if (first.current !== spent) {
      if (first.current !== '') {
        setStamp(before => before + 1);
      }
      first.current = spent;
    }
  }, [spent]);
  const stampKey = `${stamp}/${renewed}`;

  const unit = unitOf(choice);
  const report = useLoad(JSON.stringify([choice, stampKey]), async signal => ({
    // What it is of: while another time is loaded, what was there is still drawn.
    unit,
    choice,
    report: await client.usageCosts(
      { ...spanOf(choice), by: `${unit},model`, limit: 10_000 },
      signal
    )
  }));
  const budgets = useLoad(
    budgetsSeen || editing
      ? JSON.stringify([session?.id ?? null, stampKey])
      : null,
    () => client.getBudgets(session?.id)
  );

  const lastRound = useRef(-1);
  useEffect(() => {
    if (lastRound.current === round) {
      return;
    }
    lastRound.current = round;
    const { sessionId } = wanted;
    const find = async (): Promise<void> => {
      if (sessionId) {
        const found = await client.getSession(sessionId);
        const one = {
          id: sessionId,
          title: sessionLabel(
            { session_id: sessionId, title: found.title },
            trans
          )
        };
        setSession(one);
        if (!wanted.budgets) {
          setBy('session');
          setTrail({ session: one });
          breakdownAt.current?.scrollIntoView({ block: 'start' });
        }
      }
      if (wanted.budgets) {
        setEditing(true);
        budgetsAt.current?.scrollIntoView({ block: 'start' });
      }
    };
    find().catch((error: unknown) =>
      console.warn('jupyterlab-agent: the chat is not there', messageOf(error))
    );
  }, [budgetsAt, client, round, setBy, setTrail, trans, wanted]);

  const offline = useOffline(activity);
  const shown = report.data;
  const nothing =
    shown !== null &&
    shown.report.totals.requests === 0 &&
    (summary?.month.requests ?? 0) === 0 &&
    choice.period === '30d';

  return (
    <div className="jp-agent-Dashboard">
      <header className="jp-agent-Dashboard-head">
        <h1>{trans.__('Costs')}</h1>
        <div className="jp-agent-Dashboard-actions">
          <IconButton
            icon={refreshIcon}
            label={trans.__('Load anew')}
            onClick={() => {
              setRenewed(before => before + 1);
              void costs.refresh();
            }}
          />
          <button
            ref={exportButton}
            type="button"
            className="jp-agent-button"
            aria-expanded={exporting}
            onClick={() => setExporting(!exporting)}
          >
            {trans.__('Export…')}
          </button>
        </div>
      </header>
      {exporting && (
        <Export
          choice={choice}
          onClose={() => {
            setExporting(false);
            exportButton.current?.focus();
          }}
        />
      )}
      {offline && (
        <p className="jp-agent-Costs-offline" role="status">
          {trans.__(
            'There is no connection to the server. These numbers are from before.'
          )}
        </p>
      )}
      <Head
        onBudgets={() => {
          setEditing(true);
          budgetsAt.current?.scrollIntoView({ block: 'nearest' });
        }}
      />
      <Section
        title={trans.__('Spending')}
        busy={report.busy}
        aside={
          <PeriodBar
            choice={choice}
            onChange={next => {
              setChoice(next);
            }}
            timezone={shown?.report.timezone ?? summary?.timezone ?? 'UTC'}
          />
        }
      >
        {report.error && !shown ? (
          <Problem error={report.error} onRetry={report.reload} />
        ) : !shown ? (
          <Skeleton height={330} />
        ) : nothing ? (
          <Empty onChat={() => void execute('agent:open-chat')} />
        ) : (
          <>
            {report.error !== null && (
              <Problem error={report.error} onRetry={report.reload} />
            )}
            <Spending
              report={shown.report}
              unit={shown.unit}
              onPick={time =>
                setChoice({
                  period: null,
                  from: time,
                  to: nextOf(shown.unit, time, shown.report.timezone)
                })
              }
              onModel={({ provider, model }) => {
                setBy('model');
                setTrail({
                  model: { provider: provider ?? '', model: model ?? '' }
                });
                breakdownAt.current?.scrollIntoView({ block: 'nearest' });
              }}
              onPrice={models => {
                void askPrice({ client, trans, models });
              }}
            />
          </>
        )}
      </Section>
      {shown && !nothing && (
        <div ref={breakdownAt}>
          <Section title={trans.__('What it was for')} busy={report.busy}>
            <Breakdown
              report={shown.report}
              choice={shown.choice}
              stamp={stampKey}
              by={by}
              onBy={next => {
                setBy(next);
                setTrail({});
              }}
              trail={trail}
              onTrail={setTrail}
            />
          </Section>
        </div>
      )}
      <div ref={budgetsAt}>
        <Budgets
          loaded={budgets}
          editing={editing}
          onEditing={setEditing}
          session={session}
        />
      </div>
      {!nothing && (
        <>
          {choice.period === null && (
            <p className="jp-agent-Costs-hint">
              {trans.__(
                'What stands below is of a whole period, the shortest that has all of your own time: %1.',
                wholePeriodLabel(period, trans)
              )}
            </p>
          )}
          <Recommendations period={period} stamp={stampKey} />
          <Lazy title={trans.__('Cache')}>
            <Cache period={period} stamp={stampKey} />
          </Lazy>
          <Lazy title={trans.__('Efficiency by model')}>
            <Efficiency period={period} stamp={stampKey} />
          </Lazy>
          <Lazy title={trans.__('Limits of the providers')}>
            <Capacity stamp={stampKey} />
          </Lazy>
          <Lazy title={trans.__('The last 24 hours')}>
            <Hours stamp={stampKey} />
          </Lazy>
        </>
      )}
    </div>
  );
}

/** Before the first request. */
function Empty(props: { onChat: () => void }): JSX.Element {
  const { hasCommand, trans } = useCosts();
  return (
    <div className="jp-agent-Costs-empty">
      <p>
        {trans.__(
          'Nothing was spent yet. As soon as an agent answers, what it cost stands here: by model, by chat, and for every single request.'
        )}
      </p>
      {hasCommand('agent:open-chat') && (
        <button
          type="button"
          className="jp-agent-button"
          onClick={props.onChat}
        >
          {trans.__('Open the chat')}
        </button>
      )}
    </div>
  );
}

/** Whether the server is away, as far as this page knows. */
function useOffline(activity: {
  state: string;
  changed: {
    connect: (slot: () => void) => boolean;
    disconnect: (slot: () => void) => boolean;
  };
}): boolean {
  const [offline, setOffline] = useState(activity.state === 'offline');
  useEffect(() => {
    const look = () => setOffline(activity.state === 'offline');
    activity.changed.connect(look);
    look();
    return () => {
      activity.changed.disconnect(look);
    };
  }, [activity]);
  return offline;
}
