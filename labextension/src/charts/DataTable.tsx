import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo, useState } from 'react';
import { sorted, type ISorting } from './sorting';

export interface IColumn<Row> {
  key: string;
  label: string;
  /** What its cells show. */
  cell: (row: Row) => React.ReactNode;
  /** What it is sorted by; without it, it is not. */
  by?: (row: Row) => number | string | null;
  /** Stands on the right, in digits of one width. */
  numeric?: boolean;
  /** Names the row: the first column, if left out. */
  head?: boolean;
  /** More about the column, for who points at its name. */
  title?: string;
  /** Where there is no room for all columns, those with the highest go first. */
  less?: 1 | 2;
}

/** Rows and columns that can be sorted and paged. */
export function DataTable<Row>(props: {
  /** What it shows, for those who do not see where it stands. */
  caption: string;
  columns: readonly IColumn<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  trans: TranslationBundle;
  /** The order at first. */
  order?: ISorting;
  /** Rows of a page. */
  page?: number;
  /** Numbers of all rows, on whatever page. */
  footer?: React.ReactNode;
  /** In place of rows, where there are none. */
  empty?: string;
  /**
   * Where the server sorts and pages: what it is told. `rows` are then the rows of the page.
   */
  remote?: {
    sorting: ISorting | null;
    onSort: (sorting: ISorting) => void;
    offset: number;
    total: number;
    onPage: (offset: number) => void;
    busy?: boolean;
  };
}): JSX.Element {
  const { columns, rows, trans, page = 10, remote } = props;
  const [own, setOwn] = useState<ISorting | null>(props.order ?? null);
  const [at, setAt] = useState(0);
  const sorting = remote ? remote.sorting : own;
  const all = useMemo(() => {
    const by = columns.find(column => column.key === own?.column)?.by;
    return !remote && own && by ? sorted(rows, by, own.descending) : rows;
  }, [columns, rows, own, remote]);
  const total = remote ? remote.total : all.length;
  const offset = remote
    ? remote.offset
    : Math.min(at, Math.max(0, Math.ceil(total / page) - 1) * page);
  const shown = remote ? all : all.slice(offset, offset + page);
  const turnTo = remote ? remote.onPage : setAt;
  const headKey = (columns.find(column => column.head) ?? columns[0])?.key;

  const sort = (column: IColumn<Row>): void => {
    const next: ISorting = {
      column: column.key,
      // Numbers from the largest, names from the first.
      descending:
        sorting?.column === column.key
          ? !sorting.descending
          : (column.numeric ?? false)
    };
    if (remote) {
      remote.onSort(next);
    } else {
      setOwn(next);
      setAt(0);
    }
  };

  return (
    <div className="jp-agent-DataTable" aria-busy={remote?.busy ?? false}>
      <div
        className="jp-agent-DataTable-scroller"
        role="region"
        aria-label={props.caption}
        tabIndex={0}
      >
        <table>
          <caption className="jp-agent-spoken">{props.caption}</caption>
          <thead>
            <tr>
              {columns.map(column => {
                const sortedBy = sorting?.column === column.key;
                return (
                  <th
                    key={column.key}
                    scope="col"
                    data-numeric={column.numeric ? 'true' : undefined}
                    data-less={column.less}
                    title={column.title}
                    aria-sort={
                      sortedBy
                        ? sorting.descending
                          ? 'descending'
                          : 'ascending'
                        : undefined
                    }
                  >
                    {column.by ? (
                      <button type="button" onClick={() => sort(column)}>
                        <span>{column.label}</span>
                        {sortedBy && sorting.descending ? (
                          <caretDownIcon.react
                            tag="span"
                            className="jp-agent-DataTable-order"
                          />
                        ) : (
                          <caretUpIcon.react
                            tag="span"
                            className={`jp-agent-DataTable-order ${sortedBy ? '' : 'jp-mod-none'}`}
                          />
                        )}
                      </button>
                    ) : (
                      column.label
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {shown.map(row => (
              <tr key={props.rowKey(row)}>
                {columns.map(column =>
                  column.key === headKey ? (
                    <th
                      key={column.key}
                      scope="row"
                      data-numeric={column.numeric ? 'true' : undefined}
                      data-less={column.less}
                    >
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td
                      key={column.key}
                      data-numeric={column.numeric ? 'true' : undefined}
                      data-less={column.less}
                    >
                      {column.cell(row)}
                    </td>
                  )
                )}
              </tr>
            ))}
            {shown.length === 0 && (
              <tr>
                <td
                  className="jp-agent-DataTable-none"
                  colSpan={columns.length}
                >
                  {props.empty ?? trans.__('There is nothing here.')}
                </td>
              </tr>
            )}
          </tbody>
          {props.footer && <tfoot>{props.footer}</tfoot>}
        </table>
      </div>
      {total > (remote ? Math.max(1, page) : page) && (
        <div className="jp-agent-DataTable-pages">
          <span aria-live="polite">
            {trans.__(
              '%1 to %2 of %3',
              offset + 1,
              offset + shown.length,
              total
            )}
          </span>
          <button
            type="button"
            className="jp-agent-button"
            disabled={offset === 0}
            onClick={() => turnTo(Math.max(0, offset - page))}
          >
            {trans.__('Earlier')}
          </button>
          <button
            type="button"
            className="jp-agent-button"
            disabled={offset + page >= total}
            onClick={() => turnTo(offset + page)}
          >
            {trans.__('Further')}
          </button>
        </div>
      )}
    </div>
  );
}
