import { checkIcon } from '@jupyterlab/ui-components';
import React from 'react';
import type { ICandidate, IModelSelection, IScores } from '../../api/types';
import { DataTable } from '../../charts';
import { useTurns } from '../context';
import { scoreLabel, strategyLabel } from '../words';
import { Nothing } from './Section';

const SCORES: readonly (keyof IScores)[] = [
  'efficacy',
  'cost',
  'availability',
  'locality',
  'confidence',
  'speed'
];

function Choice(props: { selection: IModelSelection }): JSX.Element {
  const { trans, numbers } = useTurns();
  const { selection } = props;
  const known = SCORES.filter(name =>
    selection.candidates.some(
      candidate => typeof candidate.scores?.[name] === 'number'
    )
  );
  const score = (value: number | null | undefined) =>
    value === null || value === undefined
      ? trans.__('–')
      : numbers.decimal(value, 2);
  const chosen = (candidate: ICandidate) =>
    candidate.provider === selection.provider &&
    candidate.model === selection.model;
  return (
    <article className="jp-agent-Choice">
      <div className="jp-agent-Choice-head">
        <span className="jp-agent-Choice-model">
          {trans.__('%1 / %2', selection.provider, selection.model)}
        </span>
        <span className="jp-agent-Choice-strategy">
          {strategyLabel(selection.strategy, trans)}
        </span>
      </div>
      <p>{selection.reason}</p>
      {selection.fallback_from && (
        <p>
          {trans.__(
            'It stands in for %1 / %2.',
            selection.fallback_from.provider,
            selection.fallback_from.model
          )}
        </p>
      )}
      {selection.candidates.length > 0 && (
        <DataTable
          caption={trans.__('Models that could have been asked')}
          rows={selection.candidates}
          rowKey={row => `${row.provider}/${row.model}`}
          trans={trans}
          columns={[
            {
              key: 'model',
              label: trans.__('Model'),
              cell: row => (
                <span className="jp-agent-Choice-name">
                  {chosen(row) && (
                    <checkIcon.react
                      tag="span"
                      className="jp-agent-icon"
                      title={trans.__('chosen')}
                    />
                  )}
                  {trans.__('%1 / %2', row.provider, row.model)}
                </span>
              ),
              by: row => `${row.provider}/${row.model}`
            },
            {
              key: 'score',
              label: trans.__('Score'),
              numeric: true,
              cell: row => score(row.score),
              by: row => row.score
            },
            ...known.map((name, at) => ({
              key: name,
              label: scoreLabel(name, trans),
              numeric: true,
              less: at < 2 ? (1 as const) : (2 as const),
              cell: (row: ICandidate) => score(row.scores?.[name])
            })),
            {
              key: 'reason',
              label: trans.__('Why, or why not'),
              cell: row =>
                row.available
                  ? row.reason
                  : row.reason || trans.__('not available')
            }
          ]}
        />
      )}
    </article>
  );
}

/** Why this model was asked, and not another. */
export function ModelSection(props: {
  selections: readonly IModelSelection[];
}): JSX.Element {
  const { trans } = useTurns();
  return props.selections.length === 0 ? (
    <Nothing>{trans.__('No choice of a model was recorded.')}</Nothing>
  ) : (
    <>
      {props.selections.map(selection => (
        <Choice key={selection.id} selection={selection} />
      ))}
    </>
  );
}
