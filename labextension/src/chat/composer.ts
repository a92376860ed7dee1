/** What happens with what is written: reads what is attached, sends it, runs commands. Knows nothing of the screen. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal, type ISignal } from '@lumino/signaling';
import type { AgentClient } from '../api/client';
import type { IModel, InputPart } from '../api/types';
import type { IContextRef, IContextSource, ISlashCommand } from '../tokens';
import { modeMeans, modeName, modeNamed } from '../tools/words';
import { saveFile } from '../ui/saveFile';
import { messageOf } from '../ui/words';
import type { ChatController } from './controller';
import type { IDraft } from './draft';
import { best } from './menu';
import { Pictures } from './pictures';
import { merge, ownCommands, parse, type ISlashHost } from './slash';

/** Something that is said at the box, until it is dismissed or something is written. */
export interface INotice {
  kind: 'info' | 'error' | 'busy' | 'help';
  text: string;
  /** What can be answered; the last does no harm: it has the keyboard, and Escape does it. */
  choices?: readonly { label: string; run: () => void }[];
}

/** What of the screen the box needs. */
export interface IComposerScreen {
  focusInput: () => void;
  rename: () => void;
  /** Opens the list of models with something searched for. */
  pickModel: (wanted?: string) => void;
  pickMode: () => void;
}

export interface IComposerState {
  /** What is attached is being read: nothing else can be sent. */
  sending: boolean;
  notice: INotice | null;
}

/**
 * The models that a name means: the one of this very name, else those that have it in theirs.
 *
 * @param provider - where several have the name, this one's is meant.
 */
export function modelsNamed(
  models: readonly IModel[],
  wanted: string,
  provider: string | null = null
): IModel[] {
  const usable = models.filter(model => model.available);
  const name = wanted.toLowerCase();
  const exact = usable.filter(model =>
    [model.id, model.name, `${model.provider}/${model.id}`].some(
      known => known.toLowerCase() === name
    )
  );
  const own = exact.filter(model => model.provider === provider);
  return exact.length > 0
    ? own.length > 0
      ? own
      : exact
    : best(usable, wanted, model => [model.id, model.name]);
}

/** The box of one chat. */
export class ComposerModel {
  constructor(options: {
    client: AgentClient;
    controller: ChatController;
    trans: TranslationBundle;
    contextSources: () => readonly IContextSource[];
    slashCommands: () => readonly ISlashCommand[];
    /** Lets the user set up a provider. */
    addKey: () => void;
    /** Gives a file to the user. */
    save?: (name: string, content: Blob) => void;
  }) {
    this._options = options;
    const { client, controller, trans } = options;
    this.pictures = new Pictures({ client, draft: controller.draft, trans });
    this._own = ownCommands(this._host(), trans);
    controller.draft.changed.connect(this._onDraft, this);
  }

  readonly pictures: Pictures;

  get state(): IComposerState {
    return this._state;
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  /** The commands there are now. */
  get commands(): ISlashCommand[] {
    return merge(this._own, this._options.slashCommands());
  }

  /** Tells the box with what it is drawn. */
  bind(screen: IComposerScreen): void {
    this._screen = screen;
  }

  say(notice: INotice | null): void {
    this._set({ notice });
  }

  /** Attaches files and notebooks by their paths, as the file browser has them. */
  async attachPaths(paths: readonly string[]): Promise<void> {
    const { controller, contextSources, trans } = this._options;
    const unknown: string[] = [];
    for (const path of paths) {
      const ref = await this._refOf(path, contextSources());
      if (ref) {
        controller.draft.attach(ref);
      } else {
        unknown.push(path);
      }
    }
    if (unknown.length > 0) {
      this.say({
        kind: 'error',
        text: trans.__('This cannot be attached: %1', unknown.join(', '))
      });
    }
  }

  /** Does what Enter does: sends what is in the box, or runs it where it is a command. */
  async submit(): Promise<void> {
    const { controller, trans } = this._options;
    const { draft } = controller;
    if (this._state.sending || controller.state.phase !== 'ready') {
      return;
    }
    const written = parse(draft.text);
    if (written.kind === 'command') {
      await this.run(written.name, written.args);
      return;
    }
    const attached = draft.refs.length + draft.pictures.length > 0;
    if (!written.text && !attached) {
      return;
    }
    this.say(null);
    if (controller.running) {
      if (!written.text) {
        this.say({
          kind: 'info',
          text: trans.__(
            'What is attached goes with the next message, when the agent is done.'
          )
        });
      } else if (controller.send(written.text)) {
        draft.setText('');
        if (attached) {
          this.say({
            kind: 'info',
            text: trans.__(
              'Guidance is text alone. What is attached waits for the next message.'
            )
          });
        }
      }
      return;
    }
    if (!attached) {
      if (controller.send(written.text)) {
        draft.take();
      }
      return;
    }
    this._set({ sending: true });
    try {
      const before = draft.current;
      const parts = await this._parts(before);
      // Somebody may have turned to another chat in the meantime, or written on.
      const same =
        draft.text === before.text &&
        draft.refs === before.refs &&
        draft.pictures.length === before.pictures.length;
      if (parts && same) {
        const { pictures } = draft;
        if (controller.send(written.text, parts)) {
          draft.take();
          this.pictures.sent(pictures);
        }
      }
    } finally {
      this._set({ sending: false });
    }
  }

  /** Runs a command of the box; what it says is shown there. */
  async run(name: string, args: string): Promise<void> {
    const { controller, trans } = this._options;
    const { draft } = controller;
    const command = this.commands.find(known => known.name === name);
    if (!command) {
      this.say({
        kind: 'error',
        text: trans.__(
          'There is no command /%1. Type / for those there are; to send it as text, put a second slash before it.',
          name
        )
      });
      return;
    }
    if (command.isEnabled && !command.isEnabled()) {
      this.say({
        kind: 'error',
        text: controller.running
          ? trans.__('/%1 cannot be done while the agent works.', name)
          : trans.__('/%1 cannot be done here now.', name)
      });
      return;
    }
    const written = draft.text;
    draft.setText('');
    this.say(null);
    try {
      await command.execute(args);
    } catch (error) {
      if (draft.text === '') {
        draft.setText(written);
      }
      this.say({ kind: 'error', text: messageOf(error) });
    }
  }

  dispose(): void {
    this.pictures.dispose();
    Signal.disconnectReceiver(this);
    Signal.clearData(this);
  }

  /** What is attached, as it is sent; null where something cannot be sent, which is then marked. */
  private async _parts(draft: IDraft): Promise<InputPart[] | null> {
    const { controller, trans } = this._options;
    const reading = Promise.all(draft.refs.map(ref => this._read(ref)));
    await this.pictures.settled(draft.pictures);
    const read = await reading;
    const pictures = controller.draft.pictures;
    const failed =
      read.filter(part => part === null).length +
      pictures.filter(picture => picture.state !== 'ready').length;
    if (failed > 0) {
      this.say({
        kind: 'error',
        text: trans._n(
          'Nothing was sent: something attached cannot be sent. Take it away, or try again.',
          'Nothing was sent: %1 of what is attached cannot be sent. Take them away, or try again.',
          failed
        )
      });
      return null;
    }
    return [
      ...read.filter(part => part !== null),
      ...pictures.map(picture => ({
        type: 'image' as const,
        media_type: picture.mediaType,
        blob_id: picture.blobId,
        name: picture.name
      }))
    ];
  }

  private async _read(ref: IContextRef): Promise<InputPart | null> {
    const { controller, contextSources, trans } = this._options;
    const { draft } = controller;
    draft.setProblem(ref, null);
    const source = contextSources().find(known => known.id === ref.source);
    try {
      if (!source) {
        throw new Error(
          trans.__('The extension that reads it is not there any more.')
        );
      }
      return await source.read(ref);
    } catch (error) {
      draft.setProblem(ref, messageOf(error));
      return null;
    }
  }

  /** What a source makes of a path: whatever it finds that is just this. */
  private async _refOf(
    path: string,
    sources: readonly IContextSource[]
  ): Promise<IContextRef | null> {
    for (const source of sources) {
      const found = await source.suggest(path).catch(() => []);
      const match = found.find(
        ({ ref }) =>
          ref.path === path && (ref.kind === 'notebook' || ref.kind === 'file')
      );
      if (match) {
        return match.ref;
      }
    }
    return null;
  }

  private _host(): ISlashHost {
    const { client, controller, trans, addKey } = this._options;
    const session = () => controller.state.conversation.session;
    const current = () => {
      const now = session();
      if (!now) {
        throw new Error(trans.__('This chat is empty.'));
      }
      return now;
    };
    return {
      session,
      last: () =>
        [...controller.state.conversation.exchanges]
          .reverse()
          .find(exchange => exchange.turnId !== null) ?? null,
      running: () => controller.running !== null,
      newChat: () => controller.newSession(),
      clear: () => {
        const { id, version_count: versions } = current();
        this.say({
          kind: 'info',
          text:
            versions > 1
              ? trans.__(
                  'Delete the messages of this version of the chat for good? The other versions keep theirs.'
                )
              : trans.__('Delete the messages of this chat for good?'),
          choices: [
            {
              label: trans.__('Delete them'),
              run: () => void this._clear(id)
            },
            {
              label: trans.__('Keep them'),
              run: () => {
                this.say(null);
                this._screen?.focusInput();
              }
            }
          ]
        });
        return Promise.resolve();
      },
      summarize: async instructions => {
        const { id } = current();
        this.say({
          kind: 'busy',
          text: trans.__('The model summarizes the older messages…')
        });
        const choice = controller.state.choice;
        const summary = await client.summarizeSession(id, {
          instructions: instructions || null,
          provider: choice?.provider ?? null,
          model: choice?.model ?? null
        });
        if (session()?.id === id) {
          await controller.openSession(id);
          this.say({
            kind: 'info',
            text: trans._n(
              'A summary stands for %1 message in what the model reads. The chat keeps it.',
              'A summary stands for %1 messages in what the model reads. The chat keeps them.',
              summary.summarized_messages
            )
          });
        }
      },
      export: async format => {
        const file = await client.exportSession(current().id, format);
        (this._options.save ?? saveFile)(
          file.name || `chat.${format}`,
          file.content
        );
      },
      model: async wanted => {
        if (wanted === '') {
          this._screen?.pickModel();
          return;
        }
        const { models, choice } = controller.state;
        const found = modelsNamed(models, wanted, choice?.provider);
        const [only] = found;
        if (only && found.length === 1) {
          await controller.choose({ provider: only.provider, model: only.id });
          this.say({
            kind: 'info',
            text: trans.__('%1 by %2 answers.', only.name, only.provider_name)
          });
        } else {
          this._screen?.pickModel(wanted);
        }
      },
      mode: async wanted => {
        if (wanted === '') {
          this._screen?.pickMode();
          return;
        }
        const mode = modeNamed(wanted);
        if (!mode) {
          throw new Error(
            trans.__(
              'There is no mode %1. There are read-only, ask, auto-edit and auto.',
              wanted
            )
          );
        }
        await controller.chooseMode(mode);
        this.say({
          kind: 'info',
          text: trans.__(
            '%1: %2',
            modeName(mode, trans),
            modeMeans(mode, trans)
          )
        });
      },
      retry: exchange => controller.retry(exchange),
      rename: async title => {
        if (title === '') {
          this._screen?.rename();
        } else {
          await controller.rename(current(), title);
        }
      },
      archive: () => {
        const now = current();
        return controller.archive(now, now.status !== 'archived');
      },
      remove: () => controller.remove(current()),
      stop: () => controller.stop(),
      providers: addKey,
      help: () => this.say({ kind: 'help', text: '' })
    };
  }

  private async _clear(sessionId: string): Promise<void> {
    const { client, controller, trans } = this._options;
    this.say({ kind: 'busy', text: trans.__('Deleting…') });
    this._screen?.focusInput();
    try {
      await client.clearSession(sessionId);
      if (controller.state.conversation.session?.id === sessionId) {
        await controller.openSession(sessionId);
      }
      this.say({ kind: 'info', text: trans.__('The messages are deleted.') });
    } catch (error) {
      this.say({ kind: 'error', text: messageOf(error) });
    }
  }

  private _set(change: Partial<IComposerState>): void {
    this._state = { ...this._state, ...change };
    this._stateChanged.emit();
  }

  /** Who writes on, or turns to another chat, has read what was said. */
  private _onDraft = (): void => {
    const { notice } = this._state;
    const { key, text } = this._options.controller.draft;
    const before = this._seen;
    this._seen = { key, text };
    const written = text !== '' && text !== before.text;
    if (notice && notice.kind !== 'busy' && (written || key !== before.key)) {
      this.say(null);
    }
  };
  private _options: ConstructorParameters<typeof ComposerModel>[0];
  private _own: ISlashCommand[];
  private _screen: IComposerScreen | null = null;
  private _seen = { key: '', text: '' };
  private _state: IComposerState = { sending: false, notice: null };
  private _stateChanged = new Signal<this, void>(this);
}
