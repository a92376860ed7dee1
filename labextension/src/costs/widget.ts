import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { ICostsHost } from './context';
import { costsIcon } from './icon';
import type { CostsView } from './view';

/** What the dashboard is opened for. */
export interface IWanted {
  /** What one conversation cost. */
  sessionId?: string;
  /** The budgets are opened for editing. */
  budgets?: boolean;
}

/** The dashboard: small until it is first shown. */
export class CostsWidget extends Widget {
  constructor(private readonly _host: ICostsHost) {
    super();
    const { trans } = _host;
    this.id = 'jupyterlab-agent-costs';
    this.addClass('jp-agent-Costs');
    this.layout = new PanelLayout();
    this.title.label = trans.__('Agent Costs');
    this.title.caption = trans.__('What agents cost');
    this.title.icon = costsIcon.bindprops({ stylesheet: 'mainAreaTab' });
    this.title.closable = true;
  }

  /** Shows what is wanted. */
  turnTo(wanted: IWanted): void {
    this._wanted = wanted;
    this._view?.turnTo(wanted);
  }

  protected override onBeforeShow(msg: Message): void {
    super.onBeforeShow(msg);
    void this._load();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    if (this.isVisible) {
      void this._load();
    }
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    void this._load().then(() => this._view?.focus());
  }

  private _load(): Promise<void> {
    this._loaded ??= import('./view').then(({ CostsView }) => {
      if (!this.isDisposed) {
        this._view = new CostsView(this._host, this._wanted);
        (this.layout as PanelLayout).addWidget(this._view);
      }
    });
    return this._loaded;
  }

  private _loaded: Promise<void> | null = null;
  private _view: CostsView | null = null;
  private _wanted: IWanted = {};
}
