import type { Message } from '@lumino/messaging';
import { Signal, type ISignal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { TurnPlace } from '../tokens';
import { turnIcon } from '../icons';
import type { ITurnsHost } from './context';
import type { IJump } from './service';
import { subjectKey, type Subject } from './subject';
import type { TurnsView } from './view';

/** Characters of the name of a tab. */
const MOST = 32;

/** A panel or tab of this room: small until it is first shown. */
export class TurnsWidget extends Widget {
  constructor(options: {
    host: ITurnsHost;
    where: TurnPlace;
    subject: Subject | null;
  }) {
    super();
    this._host = options.host;
    this._subject = options.subject;
    this.where = options.where;
    this.addClass('jp-agent-Turns');
    this.layout = new PanelLayout();
    this.id =
      options.where === 'main' && options.subject
        ? `jupyterlab-agent-${subjectKey(options.subject)}`
        : 'jupyterlab-agent-turns';
    this.title.closable = options.where === 'main';
    this.title.icon =
      options.where === 'main'
        ? turnIcon.bindprops({ stylesheet: 'mainAreaTab' })
        : turnIcon;
    this._name();
  }

  readonly where: TurnPlace;

  /** What it shows; null for nothing yet. */
  get subject(): Subject | null {
    return this._subject;
  }

  /** It shows something else. */
  get subjectChanged(): ISignal<this, Subject | null> {
    return this._subjectChanged;
  }

  /** What was shown before, the last one at the end. */
  get trail(): readonly Subject[] {
    return this._trail;
  }

  /** Shows this. */
  turnTo(subject: Subject, jump: IJump = {}): void {
    const before = this._subject;
    if (!before || subjectKey(before) !== subjectKey(subject)) {
      if (before) {
        this._trail = [...this._trail.slice(-19), before];
      }
      this._set(subject);
    }
    this._jump = jump;
    this._view?.jump(jump);
  }

  /** Shows what was shown before. */
  back(): void {
    const before = this._trail[this._trail.length - 1];
    if (before) {
      this._trail = this._trail.slice(0, -1);
      this._set(before);
    }
  }

  /** What its tab says. */
  name(label: string): void {
    if (this.where === 'main') {
      this.title.label =
        label.length > MOST ? `${label.slice(0, MOST).trimEnd()}…` : label;
    }
    this.title.caption = label;
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

  private _set(subject: Subject): void {
    this._subject = subject;
    this._name();
    this._subjectChanged.emit(subject);
  }

  private _name(): void {
    const { trans } = this._host;
    this.name(
      this._subject?.kind === 'compare'
        ? trans.__('Compare Turns')
        : this._subject?.kind === 'insights'
          ? trans.__('Chat Insights')
          : trans.__('Turn Inspector')
    );
  }

  private _load(): Promise<void> {
    this._loaded ??= import('./view').then(({ TurnsView }) => {
      if (this.isDisposed) {
        return;
      }
      this._view = new TurnsView({ host: this._host, widget: this });
      (this.layout as PanelLayout).addWidget(this._view);
      this._view.jump(this._jump);
    });
    return this._loaded;
  }

  private _host: ITurnsHost;
  private _jump: IJump = {};
  private _loaded: Promise<void> | null = null;
  private _subject: Subject | null;
  private _subjectChanged = new Signal<this, Subject | null>(this);
  private _trail: readonly Subject[] = [];
  private _view: TurnsView | null = null;
}
