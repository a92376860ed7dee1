import React, { useMemo, useState } from 'react';
import type { ISpan, ITrace } from '../../api/types';
import { DataTable, Timeline, type IShownSpan } from '../../charts';
import { Fold } from '../../ui/Fold';
import { useTurns } from '../context';
import { spanKindLabel, spanLabel, time } from '../words';
import { useNow } from './Head';

const HUES: Record<ISpan['kind'], number> = {
  turn: 9,
  queue: 3,
  request: 0,
  tool: 2,
  approval: 1,
  client: 4,
  compaction: 6
};

/** What of a span says something to a person: numbers and names, not texts. */
function attributesOf(span: ISpan): [string, string][] {
  return Object.entries(span.attributes)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]) => [name, String(value)]);
}

/** When each request, tool and wait was, to scale; and the same as a table. */
export function TimelineSection(props: { trace: ITrace }): JSX.Element {
  const { trans } = useTurns();
  const { trace } = props;
  const running = trace.spans.some(span => span.finished_at === null);
  const now = useNow(running);
  const [picked, setPicked] = useState<string | null>(null);
  const start = Date.parse(trace.started_at);
  const length = (span: ISpan): number =>
    span.duration_ms ??
    Math.max(
      0,
      (span.finished_at ? Date.parse(span.finished_at) : now) -
        Date.parse(span.started_at)
    );
  const spans: IShownSpan[] = useMemo(
    () =>
      trace.spans.map(span => ({
        id: span.id,
        parentId: span.parent_id,
        start: Date.parse(span.started_at),
        end: span.finished_at === null ? null : Date.parse(span.finished_at),
        label: spanLabel(span, trans),
        hue: HUES[span.kind] ?? 9,
        text: '',
        failed: span.status === 'error'
      })),
    [trace, trans]
  );
  const shown = spans.map((span, at) => {
    const took = time(length(trace.spans[at]!), trans);
    const failed = span.failed ? trans.__(' · failed') : '';
    return {
      ...span,
      text:
        span.end === null
          ? trans.__('%1 so far', took)
          : trans.__('%1%2', took, failed),
      spoken: trans.__(
        'from %1, for %2',
        time(Math.max(0, span.start - start), trans),
        took
      )
    };
  });
  const span = trace.spans.find(({ id }) => id === picked) ?? null;
  const busy = Object.entries(trace.busy_ms)
    .filter(([kind, ms]) => kind !== 'turn' && ms > 0)
    .map(([kind, ms]) =>
      trans.__(
        '%1 %2',
        spanKindLabel(kind as ISpan['kind'], trans),
        time(ms, trans)
      )
    );
  return (
    <>
      {busy.length > 0 && (
        <p className="jp-agent-Inspector-line">{busy.join(' · ')}</p>
      )}
      <Timeline
        label={trans.__('Requests, tools and waits')}
        spans={shown}
        now={now}
        formatTick={ms => (ms === 0 ? trans.__('0 s') : time(ms, trans))}
        picked={picked}
        onPick={id => setPicked(id === picked ? null : id)}
      />
      {span && (
        <div
          className="jp-agent-Span"
          role="group"
          aria-label={spanLabel(span, trans)}
        >
          <dl className="jp-agent-Facts jp-mod-small">
            <div>
              <dt>{trans.__('What')}</dt>
              <dd>{spanKindLabel(span.kind, trans)}</dd>
            </div>
            <div>
              <dt>{trans.__('Name')}</dt>
              <dd>{span.name}</dd>
            </div>
            {span.message && (
              <div>
                <dt>{trans.__('What went wrong')}</dt>
                <dd>{span.message}</dd>
              </div>
            )}
            {attributesOf(span).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
      <Fold
        className="jp-agent-Inspector-table"
        summary={
          <span className="jp-agent-Fold-title">{trans.__('As a table')}</span>
        }
      >
        <DataTable
          caption={trans.__('Requests, tools and waits')}
          rows={trace.spans}
          rowKey={row => row.id}
          trans={trans}
          page={20}
          columns={[
            {
              key: 'name',
              label: trans.__('What'),
              cell: row => spanLabel(row, trans)
            },
            {
              key: 'start',
              label: trans.__('From'),
              numeric: true,
              cell: row =>
                time(Math.max(0, Date.parse(row.started_at) - start), trans),
              by: row => Date.parse(row.started_at)
            },
            {
              key: 'time',
              label: trans.__('Time'),
              numeric: true,
              cell: row => time(length(row), trans),
              by: row => length(row)
            },
            {
              key: 'status',
              label: trans.__('End'),
              less: 1,
              cell: row =>
                row.finished_at === null
                  ? trans.__('goes on')
                  : row.status === 'error'
                    ? row.message || trans.__('failed')
                    : trans.__('done')
            }
          ]}
        />
      </Fold>
      <p className="jp-agent-Inspector-line">
        <span title={trace.id}>{trans.__('Trace %1', trace.id)}</span>{' '}
        {trace.url && (
          <a href={trace.url} target="_blank" rel="noopener noreferrer">
            {trans.__('Open in Jaeger')}
          </a>
        )}
      </p>
    </>
  );
}
