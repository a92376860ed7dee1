import { Signal } from '@lumino/signaling';
import type { IContextRef } from '../tokens';
import type { ChatController } from './controller';
import { refKey } from './draft';
import type { ChatExtensions } from './extensions';
import type { ChatSettings } from './settings';

/**
 * Keeps the notebook that the user works on attached to a new chat, where the settings say so. Who takes it off has
 * said that this chat is about something else.
 */
export class NotebookAttacher {
  constructor(options: {
    controller: ChatController;
    extensions: ChatExtensions;
    settings: ChatSettings;
  }) {
    this._options = options;
    const { controller, extensions, settings } = options;
    controller.draft.changed.connect(this._update, this);
    settings.changed.connect(this._update, this);
    extensions.contextSourcesChanged.connect(this._listen, this);
    this._listen();
  }

  dispose(): void {
    Signal.disconnectReceiver(this);
  }

  private _listen = (): void => {
    for (const source of this._options.extensions.contextSources()) {
      source.currentChanged?.connect(this._update, this);
    }
    this._update();
  };

  private _update = (): void => {
    const { draft } = this._options.controller;
    if (this._busy) {
      return;
    }
    if (draft.key !== this._chat) {
      this._chat = draft.key;
      this._attached = null;
      this._takenOff = false;
    }
    const isNew = draft.key === '';
    if (!isNew) {
      return;
    }
    const attached = this._attached;
    const there =
      attached !== null &&
      draft.refs.some(ref => refKey(ref) === refKey(attached));
    if (attached && !there) {
      this._attached = null;
      this._takenOff = true;
    }
    const wanted = this._takenOff ? null : this._current();
    if (
      wanted && this._attached
        ? refKey(wanted) === refKey(this._attached)
        : wanted === this._attached
    ) {
      return;
    }
    this._busy = true;
    if (this._attached) {
      draft.detach(this._attached);
    }
    if (wanted) {
      draft.attach(wanted);
    }
    this._attached = wanted;
    this._busy = false;
  };

  /** The notebook that the user works on, where it is to be attached. */
  private _current(): IContextRef | null {
    const { extensions, settings } = this._options;
    if (!settings.current.attachCurrentNotebook) {
      return null;
    }
    return (
      extensions
        .contextSources()
        .flatMap(source => source.current?.() ?? [])
        .find(({ ref }) => ref.kind === 'notebook')?.ref ?? null
    );
  }

  private _attached: IContextRef | null = null;
  private _busy = false;
  private _chat: string | null = null;
  private _options: ConstructorParameters<typeof NotebookAttacher>[0];
  private _takenOff = false;
}
