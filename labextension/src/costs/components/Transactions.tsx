import React, { useState } from 'react';
import type { ITransactionQuery } from '../../api/client';
import type { ITransaction } from '../../api/types';
import { DataTable, type IColumn } from '../../charts';
import type { ISorting } from '../../charts/sorting';
import { seconds } from '../../ui/words';
import { useCosts } from '../context';
import { useLoad } from '../load';
import { spanOf, type Choice } from '../report';
import { costOf, purposeLabel } from '../words';
import type { ITrail } from './Breakdown';
import { Problem, Skeleton } from './parts';

const PAGE = 25;

/** What the server sorts by. */
function sortOf({ column, descending }: ISorting): ITransactionQuery['sort'] {
  switch (column) {
    case 'cost':
      return '-cost';
    case 'input':
      return '-input';
    case 'output':
      return '-output';
    case 'time':
      return '-duration_ms';
    default:
      return descending ? '-created_at' : 'created_at';
  }
}

/** The ledger's lines of what is looked at; each leads to its turn. */
export function Transactions(props: {
  choice: Choice;
  stamp: string;
  trail: ITrail;
  timezone: string;
}): JSX.Element {
  const { client, numbers, openChat, openTurn, trans } = useCosts();
  const { choice, trail } = props;
  const [sorting, setSorting] = useState<ISorting>({
    column: 'when',
    descending: true
  });
  const [offset, setOffset] = useState(0);
  const sessionId = trail.session?.id ?? undefined;
  const loaded = useLoad(
    JSON.stringify([choice, trail, sorting, offset, props.stamp]),
    signal =>
      client.listTransactions(
        {
          ...spanOf(choice),
          provider: trail.model?.provider,
          model: trail.model?.model,
          session_id: sessionId,
          purpose: trail.purpose,
          sort: sortOf(sorting),
          limit: PAGE,
          offset
        },
        signal
      )
  );
  if (loaded.error && !loaded.data) {
    return <Problem error={loaded.error} onRetry={loaded.reload} />;
  }
  if (!loaded.data) {
    return <Skeleton height={240} />;
  }
  const columns: IColumn<ITransaction>[] = [
    {
      key: 'when',
      label: trans.__('When'),
      by: row => row.created_at,
      cell: row => {
        const when = numbers.moment(row.created_at, props.timezone);
        return row.turn_id !== null && openTurn ? (
          <button
            type="button"
            className="jp-agent-Costs-link"
            title={trans.__('Show the turn in the inspector')}
            onClick={() => void openTurn(row.turn_id!)}
          >
            {when}
          </button>
        ) : (
          when
        );
      }
    },
    {
      key: 'purpose',
      label: trans.__('For'),
      less: 1,
      cell: row => purposeLabel(row.purpose, trans)
    },
    {
      key: 'model',
      label: trans.__('Model'),
      less: 1,
      cell: row => row.model
    },
    {
      key: 'input',
      label: trans.__('Input'),
      numeric: true,
      less: 2,
      by: row => row.input,
      cell: row => numbers.count(row.input)
    },
    {
      key: 'output',
      label: trans.__('Output'),
      numeric: true,
      less: 2,
      by: row => row.output,
      cell: row => numbers.count(row.output)
    },
    {
      key: 'cache',
      label: trans.__('From cache'),
      numeric: true,
      less: 2,
      cell: row => numbers.count(row.cache_read)
    },
    {
      key: 'time',
      label: trans.__('Time'),
      numeric: true,
      less: 1,
      by: row => row.duration_ms,
      cell: row =>
        row.duration_ms === null ? '' : seconds(row.duration_ms, trans)
    },
    {
      key: 'cost',
      label: trans.__('Cost'),
      numeric: true,
      by: row => Number(row.cost ?? 0),
      cell: row => (
        <span
          className={row.cost === null ? 'jp-agent-Costs-none' : undefined}
          title={row.cost === null ? undefined : numbers.exact(row.cost)}
        >
          {costOf(row, numbers, trans)}
          {row.error_code !== null && (
            <span className="jp-agent-Costs-failed">
              {trans.__('failed: %1', row.error_code)}
            </span>
          )}
        </span>
      )
    }
  ];
  return (
    <>
      {sessionId && openChat && (
        <p className="jp-agent-Costs-hint">
          <button
            type="button"
            className="jp-agent-Costs-link"
            onClick={() => void openChat(sessionId)}
          >
            {trans.__('Open the chat')}
          </button>
        </p>
      )}
      <DataTable
        caption={trans.__('Requests to models')}
        columns={columns}
        rows={loaded.data.items}
        rowKey={row => row.id}
        trans={trans}
        page={PAGE}
        remote={{
          sorting,
          onSort: next => {
            setSorting({
              ...next,
              // The server has the others in this order only.
              descending: next.column === 'when' ? next.descending : true
            });
            setOffset(0);
          },
          offset,
          total: loaded.data.total,
          onPage: setOffset,
          busy: loaded.busy
        }}
      />
    </>
  );
}
