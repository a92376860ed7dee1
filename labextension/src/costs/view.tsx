/** What is loaded when the dashboard is first shown: React and everything drawn with it. */
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import { CostsContext, type ICostsHost } from './context';
import { Dashboard } from './components/Dashboard';
import type { IWanted } from './widget';
import '../../style/transcript.css';
import '../../style/charts.css';
import '../../style/costs.css';

export class CostsView extends ReactWidget {
  constructor(
    private readonly _host: ICostsHost,
    private _wanted: IWanted
  ) {
    super();
    this.addClass('jp-agent-Costs-view');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _host.trans.__('Agent costs'));
    this.node.tabIndex = -1;
    this._watching = _host.costs.watch();
    if (!_host.costs.summary) {
      void _host.costs.refresh();
    }
  }

  turnTo(wanted: IWanted): void {
    if (wanted.sessionId || wanted.budgets) {
      this._wanted = wanted;
      this._round += 1;
      this.update();
    }
  }

  focus(): void {
    this.node.focus({ preventScroll: true });
  }

  override dispose(): void {
    this._watching.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return (
      <CostsContext.Provider value={this._host}>
        <Dashboard wanted={this._wanted} round={this._round} />
      </CostsContext.Provider>
    );
  }

  private _round = 0;
  private _watching: { dispose: () => void };
}
