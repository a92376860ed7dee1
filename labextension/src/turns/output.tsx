/** What is loaded when a saved turn is first drawn. */
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import { TurnsContext, type ITurnsHost } from './context';
import { Inspector } from './components/Inspector';
import { readSaved, SavedTurn } from './saved';
import '../../style/transcript.css';
import '../../style/charts.css';
import '../../style/turns.css';

export class TurnOutputView extends ReactWidget {
  constructor(options: { host: ITurnsHost; data: unknown }) {
    super();
    this._host = options.host;
    const state = readSaved(options.data);
    this._source = state && new SavedTurn(state);
  }

  protected override render(): JSX.Element {
    const { trans, turns } = this._host;
    const source = this._source;
    const turn = source?.state.turn;
    if (!source || !turn) {
      return (
        <p className="jp-agent-Inspector-note">
          {trans.__('This is a turn of another version of the agent.')}
        </p>
      );
    }
    return (
      <TurnsContext.Provider value={this._host}>
        <Inspector
          source={source}
          saved={true}
          onOpen={() => void turns.open(turn.id)}
        />
      </TurnsContext.Provider>
    );
  }

  private _host: ITurnsHost;
  private _source: SavedTurn | null;
}
