import React, { useId, useState } from 'react';
import { ApiError } from '../../api/errors';
import { saveFile } from '../../ui/saveFile';
import { messageOf } from '../../ui/words';
import { useCosts } from '../context';
import { spanOf, type Choice } from '../report';

type Table = 'costs' | 'transactions' | 'turns';
type Format = 'csv' | 'parquet' | 'arrow';

const SUFFIX: Record<Format, string> = {
  csv: 'csv',
  parquet: 'parquet',
  arrow: 'arrows'
};

/** All rows of what is looked at, as a file. */
export function Export(props: {
  choice: Choice;
  onClose: () => void;
}): JSX.Element {
  const { client, trans } = useCosts();
  const [table, setTable] = useState<Table>('costs');
  const [format, setFormat] = useState<Format>('csv');
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ text: string; failed: boolean } | null>(
    null
  );
  const id = useId();

  const download = async (wanted: Format): Promise<void> => {
    setBusy(true);
    setSaid(null);
    try {
      const file = await client.exportStatistics({
        table,
        format: wanted,
        ...spanOf(props.choice)
      });
      const name = file.name || `agent-${table}.${SUFFIX[wanted]}`;
      saveFile(name, file.content);
      setSaid({ text: trans.__('Saved as %1', name), failed: false });
    } catch (error) {
      setSaid({
        text:
          error instanceof ApiError && error.code === 'not_installed'
            ? error.message
            : trans.__('The file could not be made: %1', messageOf(error)),
        failed: true
      });
    } finally {
      setBusy(false);
    }
  };

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it from anywhere inside
    <form
      className="jp-agent-Export"
      aria-label={trans.__('Export')}
      onSubmit={event => {
        event.preventDefault();
        if (!busy) {
          void download(format);
        }
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          props.onClose();
        }
      }}
    >
      <label htmlFor={`${id}t`}>{trans.__('What')}</label>
      <select
        id={`${id}t`}
        className="jp-agent-input"
        value={table}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the user just opened it to choose
        autoFocus
        onChange={event => setTable(event.target.value as Table)}
      >
        <option value="costs">{trans.__('Costs by day and model')}</option>
        <option value="transactions">{trans.__('Every request')}</option>
        <option value="turns">{trans.__('Every turn')}</option>
      </select>
      <label htmlFor={`${id}f`}>{trans.__('As')}</label>
      <select
        id={`${id}f`}
        className="jp-agent-input"
        value={format}
        onChange={event => setFormat(event.target.value as Format)}
      >
        <option value="csv">{trans.__('CSV')}</option>
        <option value="parquet">{trans.__('Parquet')}</option>
        <option value="arrow">{trans.__('Arrow')}</option>
      </select>
      <button
        type="submit"
        className="jp-agent-button jp-mod-primary"
        // Not disabled: the keyboard stays where it is.
        aria-disabled={busy}
      >
        {trans.__('Save file')}
      </button>
      <span
        className="jp-agent-Export-said"
        role={said?.failed ? 'alert' : 'status'}
        data-failed={said?.failed ?? false}
      >
        {said?.text}
      </span>
    </form>
  );
}
