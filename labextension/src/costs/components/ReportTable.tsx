import React from 'react';
import type { ICostReport, ICostRow } from '../../api/types';
import { DataTable, type IColumn } from '../../charts';
import { useCosts } from '../context';
import { tokensOf } from '../report';
import { savedUnit } from '../saved';
import { amount, purposeLabel, sessionLabel, unpricedWords } from '../words';

/** Every row of a report, by whatever it is grouped. */
export function ReportTable(props: {
  report: ICostReport;
  /** Without the sum of all rows above it. */
  bare?: boolean;
  page?: number;
}): JSX.Element {
  const { numbers, trans } = useCosts();
  const { report } = props;
  const { by, totals, timezone } = report;
  const unit = savedUnit(report);
  const columns: IColumn<ICostRow>[] = [];
  if (unit) {
    columns.push({
      key: 'time',
      label: trans.__('When'),
      cell: row =>
        row.time === null
          ? ''
          : numbers.span(Date.parse(row.time), unit, timezone),
      by: row => (row.time === null ? null : Date.parse(row.time))
    });
  }
  if (by.includes('model') || by.includes('provider')) {
    columns.push({
      key: 'model',
      label: by.includes('model') ? trans.__('Model') : trans.__('Provider'),
      cell: row => row.model ?? row.provider,
      by: row => row.model ?? row.provider
    });
  }
  if (by.includes('session')) {
    columns.push({
      key: 'session',
      label: trans.__('Chat'),
      cell: row => sessionLabel(row, trans),
      by: row => sessionLabel(row, trans)
    });
  }
  if (by.includes('purpose')) {
    columns.push({
      key: 'purpose',
      label: trans.__('Purpose'),
      cell: row => purposeLabel(row.purpose, trans),
      by: row => row.purpose
    });
  }
  if (by.includes('user')) {
    columns.push({
      key: 'user',
      label: trans.__('User'),
      cell: row => row.user,
      by: row => row.user
    });
  }
  columns.push(
    {
      key: 'requests',
      label: trans.__('Requests'),
      numeric: true,
      less: 1,
      cell: row => numbers.count(row.requests),
      by: row => row.requests
    },
    {
      key: 'tokens',
      label: trans.__('Tokens'),
      numeric: true,
      less: 1,
      cell: row => numbers.count(tokensOf(row)),
      by: row => tokensOf(row)
    },
    {
      key: 'cost',
      label: trans.__('Cost'),
      numeric: true,
      cell: row => (
        <span title={numbers.exact(row.cost)}>{numbers.money(row.cost)}</span>
      ),
      by: row => Number(row.cost)
    }
  );
  const rowKey = (row: ICostRow): string =>
    JSON.stringify([
      row.time,
      row.provider,
      row.model,
      row.session_id,
      row.purpose,
      row.user
    ]);
  return (
    <>
      {!props.bare && (
        <div className="jp-agent-Spending-total">
          <strong title={numbers.exact(totals.cost)}>
            {numbers.money(totals.cost)}
          </strong>
          <span>{amount(totals, numbers, trans)}</span>
          {totals.unpriced > 0 && (
            <span>{unpricedWords(totals.unpriced, trans)}</span>
          )}
        </div>
      )}
      <DataTable
        caption={trans.__('Costs in detail')}
        columns={columns}
        rows={report.items}
        rowKey={rowKey}
        trans={trans}
        page={props.page ?? 12}
        order={
          unit
            ? { column: 'time', descending: true }
            : { column: 'cost', descending: true }
        }
      />
    </>
  );
}
