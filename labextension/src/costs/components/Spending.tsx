import React, { useMemo, useState } from 'react';
import type { ICostReport } from '../../api/types';
import { Legend, StackedArea } from '../../charts';
import { Fold } from '../../ui/Fold';
import { useCosts } from '../context';
import {
  bucketsOf,
  OTHERS,
  seriesOf,
  tokensOf,
  unpricedModels,
  type IModelSeries,
  type Metric
} from '../report';
import type { Unit } from '../../charts/zones';
import { amount, metricLabel, unpricedWords } from '../words';
import { Choices } from './parts';
import { ReportTable } from './ReportTable';

const METRICS: readonly Metric[] = ['cost', 'tokens', 'requests'];

/** What models cost over time, as a chart and as a table. */
export function Spending(props: {
  report: ICostReport;
  unit: Unit;
  /** Somebody wants to see one hour, day, week or month only. */
  onPick?: (time: number) => void;
  onModel?: (series: IModelSeries) => void;
  /** Somebody wants to say what a model costs. */
  onPrice?: (models: { provider: string; model: string }[]) => void;
}): JSX.Element {
  const { numbers, trans } = useCosts();
  const { report, unit, onModel } = props;
  const { totals, timezone } = report;
  // Where nothing has a price, there is more to see in the tokens.
  const free = Number(totals.cost) === 0 && totals.requests > 0;
  const [wanted, setMetric] = useState<Metric | null>(null);
  const metric = wanted ?? (free ? 'tokens' : 'cost');
  const series = useMemo(() => seriesOf(report.items), [report]);
  const buckets = useMemo(
    () => bucketsOf(report, unit, series, metric),
    [report, unit, series, metric]
  );
  const nameOf = (one: IModelSeries): string =>
    one.key === OTHERS ? trans.__('Other models') : (one.model ?? '');
  const format = (value: number): string =>
    metric === 'cost' ? numbers.money(value) : numbers.count(value);
  const tick = (value: number): string =>
    metric === 'cost' ? numbers.money(value) : numbers.compact(value);
  const unpriced = unpricedModels(report.items);

  return (
    <>
      <div className="jp-agent-Spending-head">
        <div className="jp-agent-Spending-total">
          <strong title={numbers.exact(totals.cost)}>
            {numbers.money(totals.cost)}
          </strong>
          <span>{amount(totals, numbers, trans)}</span>
        </div>
        <Choices
          label={trans.__('What is drawn')}
          options={METRICS.map(value => ({
            value,
            label: metricLabel(value, trans)
          }))}
          value={metric}
          onChange={setMetric}
        />
      </div>
      {totals.unpriced > 0 && (
        <p className="jp-agent-Costs-hint">
          <span>
            {trans.__(
              '%1; the sums are without them.',
              unpricedWords(totals.unpriced, trans)
            )}
          </span>
          {props.onPrice && unpriced.length > 0 && (
            <button
              type="button"
              className="jp-agent-Costs-link"
              onClick={() => props.onPrice?.(unpriced)}
            >
              {trans.__('Set a price')}
            </button>
          )}
        </p>
      )}
      <StackedArea
        label={trans.__('%1 by model over time', metricLabel(metric, trans))}
        buckets={buckets}
        series={series.map(one => ({
          key: one.key,
          label: nameOf(one),
          hue: one.hue
        }))}
        formatValue={format}
        formatTick={tick}
        formatTime={time => numbers.span(time, unit, timezone)}
        formatTimeTick={time => numbers.tick(time, unit, timezone)}
        totalLabel={trans.__('Together')}
        onPick={unit === 'hour' ? undefined : props.onPick}
      />
      <Legend
        label={trans.__('Models')}
        items={series.map(one => ({
          key: one.key,
          label: nameOf(one),
          hue: one.hue,
          text:
            metric === 'cost'
              ? numbers.money(one.totals.cost)
              : numbers.compact(
                  metric === 'tokens'
                    ? tokensOf(one.totals)
                    : one.totals.requests
                )
        }))}
        onPick={
          onModel &&
          (key => {
            const one = series.find(candidate => candidate.key === key);
            if (one?.model) {
              onModel(one);
            }
          })
        }
      />
      <Fold
        className="jp-agent-Costs-fold"
        summary={trans.__('The same numbers as a table')}
      >
        <ReportTable report={report} bare={true} />
      </Fold>
    </>
  );
}
