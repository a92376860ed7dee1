/** The order of rows. */

export interface ISorting {
  /** Key of the column. */
  column: string;
  descending: boolean;
}

type Value = number | string | null;

/** Rows in the order of a value of theirs; those without one come last. Those that are alike stay as they were. */
export function sorted<Row>(
  rows: readonly Row[],
  by: (row: Row) => Value,
  descending: boolean
): Row[] {
  const sign = descending ? -1 : 1;
  return rows
    .map(row => ({ row, value: by(row) }))
    .sort(({ value: a }, { value: b }) => {
      if (a === null || b === null) {
        return a === b ? 0 : a === null ? 1 : -1;
      }
      return typeof a === 'number' && typeof b === 'number'
        ? sign * (a - b)
        : sign *
            String(a).localeCompare(String(b), undefined, { numeric: true });
    })
    .map(({ row }) => row);
}
