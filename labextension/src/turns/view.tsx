/** What is loaded when a panel or tab of this room is first shown. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import React, { useEffect, useSyncExternalStore } from 'react';
import { TurnsContext, type ITurnsHost } from './context';
import { Page } from './components/Page';
import { Inspection } from './inspection';
import type { IJump } from './service';
import type { Subject } from './subject';
import type { TurnsWidget } from './widget';
import '../../style/transcript.css';
import '../../style/charts.css';
import '../../style/turns.css';

/** What is drawn in a panel or tab. */
export interface IPageState {
  subject: Subject | null;
  /** Of the turn that is shown. */
  inspection: Inspection | null;
  /** Where one goes; a new object each time. */
  jump: IJump;
}

export class TurnsView extends ReactWidget {
  constructor(options: { host: ITurnsHost; widget: TurnsWidget }) {
    super();
    this.addClass('jp-agent-Turns-view');
    this._host = options.host;
    this._widget = options.widget;
    // Not the widget's own node: the main area makes that the panel of a tab.
    this.node.setAttribute('role', 'region');
    this._widget.subjectChanged.connect(this._take, this);
    this._take();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._state.inspection?.dispose();
      this._widget.subjectChanged.disconnect(this._take, this);
      super.dispose();
    }
  }

  /** Shows a part of the page. */
  jump(jump: IJump): void {
    this._set({ jump });
  }

  /** Puts the focus where one reads. */
  focus(): void {
    const start = this.node.querySelector<HTMLElement>('[data-start]');
    // What is not drawn yet gets it when it is.
    this._focusing = start === null;
    if (!this.node.contains(document.activeElement)) {
      start?.focus();
    }
  }

  /** It is drawn for the first time. */
  readonly drawn = (): void => {
    if (this._focusing) {
      this.focus();
    }
  };

  protected override onBeforeDetach(msg: Message): void {
    // Closed for a while it stays as it is.
    if (this.isDisposed) {
      super.onBeforeDetach(msg);
    }
  }

  protected override render(): JSX.Element {
    return (
      <TurnsContext.Provider value={this._host}>
        <Root view={this} widget={this._widget} />
      </TurnsContext.Provider>
    );
  }

  /** What is drawn. */
  readonly state = (): IPageState => this._state;

  /** Calls back when it changes; the result ends that. */
  readonly subscribe = (callback: () => void): (() => void) => {
    const slot = () => callback();
    this._changed.connect(slot);
    return () => {
      this._changed.disconnect(slot);
    };
  };

  private _take = (): void => {
    const { subject } = this._widget;
    const { inspection } = this._state;
    const { client, activity, trans } = this._host;
    this.node.setAttribute(
      'aria-label',
      subject?.kind === 'compare'
        ? trans.__('Compare turns')
        : subject?.kind === 'insights'
          ? trans.__('Chat insights')
          : trans.__('Turn inspector')
    );
    const turnId = subject?.kind === 'turn' ? subject.turnId : null;
    if (inspection?.turnId === turnId && turnId !== null) {
      return;
    }
    inspection?.dispose();
    const fresh =
      turnId === null ? null : new Inspection({ client, activity, turnId });
    this._set({ subject, inspection: fresh, jump: {} });
    void fresh?.load();
  };

  private _set(change: Partial<IPageState>): void {
    this._state = { ...this._state, ...change };
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _focusing = false;
  private _host: ITurnsHost;
  private _state: IPageState = { subject: null, inspection: null, jump: {} };
  private _widget: TurnsWidget;
}

function Root(props: { view: TurnsView; widget: TurnsWidget }): JSX.Element {
  const { view, widget } = props;
  const state = useSyncExternalStore(view.subscribe, view.state);
  useEffect(() => view.drawn(), [view]);
  return <Page state={state} widget={widget} />;
}
