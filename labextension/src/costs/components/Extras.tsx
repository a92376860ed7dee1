/** What is loaded when it is opened: the cache, what models give for what they take, limits, the last hours. */
import React, { useState } from 'react';
import type {
  IModelCache,
  IModelEfficiency,
  IProviderCapacity
} from '../../api/types';
import { DataTable, StackedArea, type IColumn } from '../../charts';
import { caretRightIcon } from '@jupyterlab/ui-components';
import { seconds } from '../../ui/words';
import { useCosts } from '../context';
import { definitions, stateWords } from '../definitions';
import { useLoad } from '../load';
import { Problem, ShareBar, Skeleton } from './parts';

/** A line that unfolds; what is in it is loaded then. */
export function Lazy(props: {
  title: string;
  children: React.ReactNode;
}): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details
      className="jp-agent-Fold jp-agent-Costs-section"
      onToggle={event => {
        if (event.currentTarget.open) {
          setOpen(true);
        }
      }}
    >
      <summary>
        <caretRightIcon.react tag="span" className="jp-agent-Fold-caret" />
        <h2>{props.title}</h2>
      </summary>
      <div className="jp-agent-Costs-lazy">{open && props.children}</div>
    </details>
  );
}

interface ISpan {
  period: string;
  stamp: string;
}

export function Cache({ period, stamp }: ISpan): JSX.Element {
  const { client, numbers, trans } = useCosts();
  const loaded = useLoad(JSON.stringify([period, stamp]), () =>
    client.cacheStatistics(period)
  );
  const { data } = loaded;
  if (loaded.error && !data) {
    return <Problem error={loaded.error} onRetry={loaded.reload} />;
  }
  if (!data) {
    return <Skeleton height={140} />;
  }
  const rate = (value: number | null): string =>
    value === null ? '–' : numbers.percent(value);
  const columns: IColumn<IModelCache>[] = [
    {
      key: 'model',
      label: trans.__('Model'),
      cell: row => row.model,
      by: row => row.model
    },
    {
      key: 'tokens',
      label: trans.__('Tokens read'),
      numeric: true,
      cell: row => numbers.count(row.tokens_read),
      by: row => row.tokens_read
    },
    {
      key: 'share',
      label: trans.__('Of all sent'),
      numeric: true,
      less: 1,
      cell: row => rate(row.token_rate ?? null),
      by: row => row.token_rate ?? null
    },
    {
      key: 'hits',
      label: trans.__('Requests with a hit'),
      numeric: true,
      less: 2,
      cell: row =>
        trans.__(
          '%1 of %2',
          numbers.count(row.hits),
          numbers.count(row.hits + row.misses)
        ),
      by: row => row.hit_rate ?? null
    },
    {
      key: 'saved',
      label: trans.__('Saved'),
      numeric: true,
      cell: row => (
        <span title={numbers.exact(row.saved)}>{numbers.money(row.saved)}</span>
      ),
      by: row => Number(row.saved)
    }
  ];
  return (
    <>
      <p>
        {data.tokens_read > 0
          ? trans.__(
              'The providers read %1 tokens from their caches, %2 of all that was sent. That saved %3.',
              numbers.count(data.tokens_read),
              rate(data.token_rate),
              numbers.money(data.saved)
            )
          : trans.__('Nothing was read from a cache.')}
      </p>
      {data.models.length > 0 && (
        <DataTable
          caption={trans.__('Use of the cache by model')}
          columns={columns}
          rows={data.models}
          rowKey={row => `${row.provider}/${row.model}`}
          trans={trans}
          order={{ column: 'saved', descending: true }}
        />
      )}
    </>
  );
}

export function Efficiency({ period, stamp }: ISpan): JSX.Element {
  const { client, numbers, trans } = useCosts();
  const loaded = useLoad(JSON.stringify([period, stamp]), () =>
    client.modelEfficiency(period)
  );
  const [explained, setExplained] = useState(false);
  const { data } = loaded;
  if (loaded.error && !data) {
    return <Problem error={loaded.error} onRetry={loaded.reload} />;
  }
  if (!data) {
    return <Skeleton height={180} />;
  }
  const rows = Object.values(data.models);
  if (rows.length === 0) {
    return (
      <p className="jp-agent-Costs-hint">
        {trans.__('No model was asked in this time.')}
      </p>
    );
  }
  const defined = definitions(trans);
  const maybe = (
    value: number | null | undefined,
    format: (value: number) => string
  ): string => (value === null || value === undefined ? '–' : format(value));
  const change = (value: number | null | undefined): React.ReactNode =>
    value === null || value === undefined || Math.abs(value) < 0.005 ? null : (
      <span className="jp-agent-Costs-change">{numbers.change(value)}</span>
    );
  const column = (
    key: keyof typeof defined,
    numeric: Partial<IColumn<IModelEfficiency>> &
      Pick<IColumn<IModelEfficiency>, 'cell' | 'by'>
  ): IColumn<IModelEfficiency> => ({
    key,
    label: defined[key].label,
    title: defined[key].text,
    numeric: true,
    ...numeric
  });
  const columns: IColumn<IModelEfficiency>[] = [
    {
      key: 'model',
      label: trans.__('Model'),
      cell: row => row.model,
      by: row => row.model
    },
    column('turns', {
      cell: row => numbers.count(row.total_turns),
      by: row => row.total_turns,
      less: 2
    }),
    column('perTurn', {
      cell: row => (
        <>
          {maybe(
            row.cost.effective_per_turn === null ||
              row.cost.effective_per_turn === undefined
              ? null
              : Number(row.cost.effective_per_turn),
            numbers.money
          )}
          {change(row.trend.cost_per_turn)}
        </>
      ),
      by: row =>
        row.cost.effective_per_turn ? Number(row.cost.effective_per_turn) : null
    }),
    column('density', {
      cell: row => (
        <>
          {maybe(row.output_density, value => numbers.decimal(value, 2))}
          {change(row.trend.output_density)}
        </>
      ),
      by: row => row.output_density,
      less: 2
    }),
    column('context', {
      cell: row => maybe(row.budget_utilization, numbers.percent),
      by: row => row.budget_utilization,
      less: 2
    }),
    column('cache', {
      cell: row => (
        <>
          {maybe(row.cache_hit_rate, numbers.percent)}
          {change(row.trend.cache_hit_rate)}
        </>
      ),
      by: row => row.cache_hit_rate,
      less: 2
    }),
    column('time', {
      cell: row => (
        <>
          {maybe(row.average_ms, value => seconds(value, trans))}
          {change(row.trend.duration)}
        </>
      ),
      by: row => row.average_ms,
      less: 1
    }),
    column('errors', {
      cell: row => numbers.percent(row.error_rate, 1),
      by: row => row.error_rate,
      less: 1
    }),
    column('grade', {
      cell: row =>
        maybe(row.quality.average_grade, value =>
          trans.__('%1 of 5', numbers.decimal(value))
        ),
      by: row => row.quality.average_grade ?? null
    })
  ];
  return (
    <>
      <DataTable
        caption={trans.__('What each model gave for what it took')}
        columns={columns}
        rows={rows}
        rowKey={row => `${row.provider}/${row.model}`}
        trans={trans}
        order={{ column: 'perTurn', descending: true }}
      />
      <button
        type="button"
        className="jp-agent-Costs-link"
        aria-expanded={explained}
        onClick={() => setExplained(!explained)}
      >
        {explained
          ? trans.__('Hide what the columns mean')
          : trans.__('What the columns mean')}
      </button>
      {explained && (
        <dl className="jp-agent-Costs-definitions">
          {Object.values(defined).map(({ label, text }) => (
            <React.Fragment key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </React.Fragment>
          ))}
        </dl>
      )}
    </>
  );
}

export function Capacity({ stamp }: { stamp: string }): JSX.Element {
  const { client, numbers, trans } = useCosts();
  const loaded = useLoad(stamp, () => client.providerCapacity());
  const { data } = loaded;
  if (loaded.error && !data) {
    return <Problem error={loaded.error} onRetry={loaded.reload} />;
  }
  if (!data) {
    return <Skeleton height={100} />;
  }
  // Of those that nobody asks there is nothing to say.
  const rows = Object.values(data.providers).filter(
    one =>
      one.requests_used > 0 ||
      one.tokens_used > 0 ||
      (one.tpm_limit ?? one.rpm_limit ?? null) !== null ||
      one.state !== 'closed'
  );
  const of = (used: number, limit: number | null | undefined): string =>
    limit === null || limit === undefined
      ? numbers.count(used)
      : trans.__('%1 of %2', numbers.count(used), numbers.count(limit));
  const columns: IColumn<IProviderCapacity>[] = [
    {
      key: 'provider',
      label: trans.__('Provider'),
      cell: row => row.name,
      by: row => row.name
    },
    {
      key: 'tokens',
      label: trans.__('Tokens in the last minute'),
      numeric: true,
      less: 1,
      cell: row => of(row.tokens_used, row.tpm_limit),
      by: row => row.tokens_used
    },
    {
      key: 'requests',
      label: trans.__('Requests in the last minute'),
      numeric: true,
      less: 2,
      cell: row => of(row.requests_used, row.rpm_limit),
      by: row => row.requests_used
    },
    {
      key: 'headroom',
      label: trans.__('Used'),
      cell: row =>
        row.headroom === null || row.headroom === undefined ? (
          <span className="jp-agent-Costs-none">
            {trans.__('no limit known')}
          </span>
        ) : (
          <span className="jp-agent-Breakdown-share">
            <ShareBar share={Math.min(1, 1 - row.headroom)} hue={0} />
            <span>{numbers.percent(1 - row.headroom)}</span>
          </span>
        )
    },
    {
      key: 'state',
      label: trans.__('State'),
      cell: row => {
        const { level, text } = stateWords(row, trans);
        return (
          <span className="jp-agent-Level" data-level={level}>
            {text}
          </span>
        );
      }
    }
  ];
  return (
    <>
      <DataTable
        caption={trans.__('Providers and their limits')}
        columns={columns}
        rows={rows}
        rowKey={row => row.provider}
        trans={trans}
        empty={trans.__(
          'No provider was asked in the last minute, and no limits are known.'
        )}
      />
      <button
        type="button"
        className="jp-agent-Costs-link"
        onClick={loaded.reload}
      >
        {trans.__('Look again')}
      </button>
    </>
  );
}

export function Hours({ stamp }: { stamp: string }): JSX.Element {
  const { client, numbers, trans } = useCosts();
  const loaded = useLoad(stamp, () => client.usageTimeseries(24));
  const { data } = loaded;
  if (loaded.error && !data) {
    return <Problem error={loaded.error} onRetry={loaded.reload} />;
  }
  if (!data) {
    return <Skeleton height={200} />;
  }
  const rows = data.times.map((time, index) => ({
    time: Date.parse(time),
    cost: data.cost[index]!,
    tokens: data.tokens[index]!,
    requests: data.requests[index]!,
    sessions: data.sessions[index]!,
    errors: data.errors[index]!,
    latency: data.latency_p50_ms[index] ?? null
  }));
  type Row = (typeof rows)[number];
  const good = trans.__('Answered');
  const bad = trans.__('Failed');
  const count = (
    key: 'requests' | 'sessions' | 'errors' | 'tokens',
    label: string,
    less?: 1 | 2
  ): IColumn<Row> => ({
    key,
    label,
    numeric: true,
    less,
    cell: row => numbers.count(row[key]),
    by: row => row[key]
  });
  const columns: IColumn<Row>[] = [
    {
      key: 'time',
      label: trans.__('Hour'),
      cell: row => numbers.span(row.time, 'hour', data.timezone),
      by: row => row.time
    },
    count('requests', trans.__('Requests')),
    count('errors', trans.__('Failed'), 1),
    count('sessions', trans.__('Chats'), 2),
    count('tokens', trans.__('Tokens'), 2),
    {
      key: 'latency',
      label: trans.__('Half were faster than'),
      numeric: true,
      less: 1,
      cell: row => (row.latency === null ? '–' : seconds(row.latency, trans)),
      by: row => row.latency
    },
    {
      key: 'cost',
      label: trans.__('Cost'),
      numeric: true,
      cell: row => numbers.money(row.cost),
      by: row => Number(row.cost)
    }
  ];
  return (
    <>
      <StackedArea
        label={trans.__('Requests in each of the last hours')}
        buckets={rows.map(row => ({
          time: row.time,
          values: {
            good: Math.max(0, row.requests - row.errors),
            bad: row.errors
          }
        }))}
        series={[
          { key: 'good', label: good, hue: 0 },
          { key: 'bad', label: bad, hue: 4 }
        ]}
        formatValue={numbers.count}
        formatTick={value =>
          Number.isInteger(value) ? numbers.count(value) : ''
        }
        formatTime={time => numbers.span(time, 'hour', data.timezone)}
        formatTimeTick={time => numbers.tick(time, 'hour', data.timezone)}
        totalLabel={trans.__('Together')}
        height={140}
      />
      <DataTable
        caption={trans.__('Each of the last hours')}
        columns={columns}
        rows={rows}
        rowKey={row => String(row.time)}
        trans={trans}
        page={8}
        order={{ column: 'time', descending: true }}
      />
    </>
  );
}
