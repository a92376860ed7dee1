/** What is loaded when saved costs are first drawn. */
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import { BudgetBar } from './components/Budgets';
import { Spending } from './components/Spending';
import { ReportTable } from './components/ReportTable';
import { CostsContext, type ICostsHost } from './context';
import { readSavedCosts, savedUnit } from './saved';
import '../../style/transcript.css';
import '../../style/charts.css';
import '../../style/costs.css';

export class CostsOutputView extends ReactWidget {
  constructor(
    private readonly _host: ICostsHost,
    private readonly _data: unknown
  ) {
    super();
    this.addClass('jp-agent-CostsOutput-view');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', _host.trans.__('Agent costs'));
  }

  protected override render(): JSX.Element {
    const { costs, numbers, trans } = this._host;
    const saved = readSavedCosts(this._data);
    if (!saved) {
      return (
        <p className="jp-agent-Costs-hint">
          {trans.__('These are costs of another version of the agent.')}
        </p>
      );
    }
    const { report, budgets } = saved;
    const unit = savedUnit(report);
    const last = Date.parse(report.end) - 1;
    return (
      <CostsContext.Provider value={this._host}>
        <div className="jp-agent-Dashboard jp-mod-saved">
          <header className="jp-agent-Dashboard-head">
            <span className="jp-agent-CostsOutput-title">
              {report.start
                ? trans.__(
                    'Agent costs, %1 to %2',
                    numbers.span(
                      Date.parse(report.start),
                      'day',
                      report.timezone
                    ),
                    numbers.span(last, 'day', report.timezone)
                  )
                : trans.__(
                    'Agent costs until %1',
                    numbers.span(last, 'day', report.timezone)
                  )}
            </span>
            <button
              type="button"
              className="jp-agent-Costs-link"
              onClick={() => void costs.open()}
            >
              {trans.__('Costs of today')}
            </button>
          </header>
          {unit ? (
            <Spending report={report} unit={unit} />
          ) : (
            <ReportTable report={report} />
          )}
          {budgets.length > 0 && (
            <ul className="jp-agent-Budgets">
              {budgets.map(one => (
                <BudgetBar
                  key={`${one.source}:${one.scope}:${one.session_id ?? ''}`}
                  budget={one}
                  session={null}
                />
              ))}
            </ul>
          )}
        </div>
      </CostsContext.Provider>
    );
  }
}
