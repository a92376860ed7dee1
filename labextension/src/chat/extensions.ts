import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import type { ICodeAction, IContextSource, ISlashCommand } from '../tokens';

/** What other plugins have added to the chat. */
export class ChatExtensions {
  /** From the lowest rank to the highest. */
  readonly codeActions = (): readonly ICodeAction[] =>
    [...this._codeActions].sort((a, b) => a.rank - b.rank);

  /** From the lowest rank to the highest. */
  readonly contextSources = (): readonly IContextSource[] =>
    [...this._contextSources].sort((a, b) => a.rank - b.rank);

  /** In the order in which they were added. */
  readonly slashCommands = (): readonly ISlashCommand[] => [
    ...this._slashCommands
  ];

  readonly addCodeAction = (action: ICodeAction): IDisposable =>
    added(this._codeActions, action);

  readonly addContextSource = (source: IContextSource): IDisposable => {
    const disposable = added(this._contextSources, source);
    this._contextSourcesChanged.emit();
    return disposable;
  };

  /** One was added. */
  get contextSourcesChanged(): ISignal<this, void> {
    return this._contextSourcesChanged;
  }

  readonly addSlashCommand = (command: ISlashCommand): IDisposable =>
    added(this._slashCommands, command);

  private _codeActions = new Set<ICodeAction>();
  private _contextSourcesChanged = new Signal<this, void>(this);
  private _contextSources = new Set<IContextSource>();
  private _slashCommands = new Set<ISlashCommand>();
}

function added<T>(all: Set<T>, one: T): IDisposable {
  all.add(one);
  return new DisposableDelegate(() => all.delete(one));
}
