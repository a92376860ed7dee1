/** What the views of the observatory have in common. */
import { numbersIn } from '../../src/charts/numbers';
import { Commands, type IOutcome } from './commands';
import { button, div, keepKeys, scheduler, setText, span } from './dom';
import type { FromKernel, IModel, IObservedTraits } from './wire';
import * as wording from './wording';

export const numbers = numbersIn(document.documentElement.lang || undefined);

const COMMON: (keyof IObservedTraits)[] = [
  'error',
  'connection',
  '_connection_reason'
];

/** A box with a header, a body that is drawn when a trait changes, and lines for what is to be said. */
export abstract class ObservedView<
  Traits extends IObservedTraits,
  Command extends { type: string }
> {
  constructor(
    protected readonly model: IModel<Traits>,
    el: HTMLElement,
    label: string,
    changes: readonly (keyof Traits & string)[]
  ) {
    this._changes = [...COMMON, ...changes] as (keyof Traits & string)[];
    this._commands = new Commands<Command>(
      command => this.model.send(command),
      () => this.drawing.ask()
    );
    const root = this.root;
    root.className = 'jaw jaw-observed jp-agent-widget';
    root.setAttribute('role', 'region');
    root.setAttribute('aria-label', label);
    keepKeys(root);
    const header = div('jaw-header');
    header.append(
      this.title,
      this.sum,
      this.controls,
      button('Read again', 'refresh', () => this.refresh())
    );
    this._note.setAttribute('role', 'status');
    this._banner.setAttribute('role', 'status');
    root.append(header, this.body, this._banner, this._note);
    el.append(root);
    model.on('msg:custom', this._onMessage);
    for (const name of this._changes) {
      model.on(`change:${name}`, this.drawing.ask);
    }
  }

  dispose(): void {
    this.model.off('msg:custom', this._onMessage);
    for (const name of this._changes) {
      this.model.off(`change:${name}`, this.drawing.ask);
    }
    this.drawing.cancel();
    this._commands.dispose();
  }

  /** Draws title, sum and body. */
  protected abstract draw(): void;

  protected abstract refresh(): void;

  protected take(message: FromKernel): void {
    this._commands.take(message);
  }

  /** Does what somebody asked for; what came of it is said below. */
  protected async run(command: Command): Promise<IOutcome> {
    this._failure = this._notice = '';
    const outcome = await this._commands.run(command);
    if (outcome.ok) {
      this._notice = outcome.message;
    } else {
      this._failure = outcome.message;
    }
    this.drawing.ask();
    return outcome;
  }

  /** What stands in the body while there is nothing to draw. */
  protected nothing(text: string): HTMLElement {
    const loading =
      !this.model.get('error') && this.model.get('connection') !== 'offline';
    return div('jaw-empty', loading ? text : '');
  }

  private _draw(): void {
    this.draw();
    const offline = this.model.get('connection') === 'offline';
    const text = offline
      ? `${wording.OFFLINE} ${this.model.get('_connection_reason')}`
      : this._failure || this.model.get('error');
    this._banner.hidden = !text;
    this._banner.className = `jaw-banner ${offline ? 'jaw-warn' : 'jaw-error'}`;
    setText(this._banner, text);
    setText(this._note, this._commands.waiting ? wording.BUSY : this._notice);
  }

  protected readonly body = div('jaw-body');
  protected readonly controls = div('jaw-controls');
  protected readonly drawing = scheduler(() => this._draw());
  protected readonly root = document.createElement('div');
  protected readonly sum = span('jaw-sum');
  protected readonly title = span('jaw-title');

  private _onMessage = (content: unknown): void => {
    this.take(content as FromKernel);
  };

  private _banner = div('jaw-banner');
  private _changes: (keyof Traits & string)[];
  private _commands: Commands<Command>;
  private _failure = '';
  private _note = div('jaw-note');
  private _notice = '';
}
