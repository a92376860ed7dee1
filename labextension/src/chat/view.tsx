/** What is loaded when the panel is first shown: React and everything drawn with it. */
import { ReactWidget } from '@jupyterlab/apputils';
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import React from 'react';
import type { AgentClient } from '../api/client';
import type {
  IAgentTools,
  IAgentTurns,
  ICodeAction,
  IContextSource
} from '../tokens';
import { ToolsContext, type IToolsContext } from '../tools/context';
import { WayBack } from '../tools/wayBack';
import { saveFile } from '../ui/saveFile';
import { Chat, type IChatHandle } from './components/Chat';
import { ComposerModel } from './composer';
import { ChatContext, type IChatContext } from './context';
import type { ChatController } from './controller';
import type { ChatExtensions } from './extensions';
import { answered, showProviderDialog } from './providerDialog';
import type { ChatSettings } from './settings';
import '../../style/transcript.css';
import '../../style/composer.css';
import '../../style/sessions.css';
import '../../style/turns.css';

export interface IChatViewOptions {
  client: AgentClient;
  controller: ChatController;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
  extensions: ChatExtensions;
  settings: ChatSettings;
  openMenu: (x: number, y: number) => void;
  tools: IAgentTools;
  turns: IAgentTurns | null;
  /** The application's editors. */
  editors: IEditorServices | null;
  /** Runs a command of the application. */
  execute: (
    command: string,
    args?: ReadonlyPartialJSONObject
  ) => Promise<unknown>;
}

/** Shows a notebook, a cell of it, or a file, by what reads such a thing. */
async function reveal(
  path: string,
  cellId: string | null,
  sources: readonly IContextSource[]
): Promise<void> {
  const notebook = path.toLowerCase().endsWith('.ipynb');
  const kind = cellId ? 'cell' : notebook ? 'notebook' : 'file';
  await sources
    .find(source => source.id === kind)
    ?.reveal?.({
      source: kind,
      kind,
      name: path,
      path,
      ...(cellId ? { cellId } : {})
    });
}

/** The panel's content. */
export class ChatView extends ReactWidget {
  constructor(options: IChatViewOptions) {
    super();
    this.addClass('jp-agent-View');
    const { client, controller, extensions, settings, trans } = options;
    const copy: ICodeAction = {
      id: 'copy',
      label: trans.__('Copy code'),
      icon: copyIcon,
      rank: 0,
      execute: code => navigator.clipboard.writeText(code)
    };
    const addKey = (providerId?: string): void => {
      void showProviderDialog({ client, trans, providerId }).then(result => {
        if (result) {
          composer.say({ kind: 'info', text: answered(result, trans) });
        }
        return Promise.all([
          controller.refreshModels(),
          controller.refreshStatus()
        ]);
      });
    };
    const { contextSources, slashCommands } = extensions;
    const composer = new ComposerModel({
      client,
      controller,
      trans,
      contextSources,
      slashCommands,
      addKey: () => addKey()
    });
    this._context = {
      controller,
      composer,
      trans,
      rendermime: options.rendermime,
      settings,
      turns: options.turns,
      codeActions: () =>
        [copy, ...extensions.codeActions()].sort((a, b) => a.rank - b.rank),
      contextSources,
      slashCommands,
      addKey,
      openMenu: options.openMenu,
      execute: options.execute
    };
    this._tools = {
      tools: options.tools,
      client,
      trans,
      editors: options.editors,
      save: saveFile,
      wayBack: new WayBack(),
      reveal: (path, cellId) =>
        void reveal(path, cellId, contextSources()).catch((error: unknown) =>
          controller.report(error)
        )
    };
    void this._handle.then(handle => composer.bind(handle));
  }

  /** Resolves with the way to what is drawn, once it is. */
  get handle(): Promise<IChatHandle> {
    return this._handle;
  }

  addKey(): void {
    this._context.addKey();
  }

  /** Does what Enter in the box does. */
  submit(): Promise<void> {
    return this._context.composer.submit();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._context.composer.dispose();
      this._tools.wayBack?.forget();
      super.dispose();
    }
  }

  protected override onBeforeDetach(msg: Message): void {
    // On its way to another side of the window, or closed for a while, it stays as it is.
    if (this.isDisposed) {
      super.onBeforeDetach(msg);
    }
  }

  protected override render(): JSX.Element {
    return (
      <ChatContext.Provider value={this._context}>
        <ToolsContext.Provider value={this._tools}>
          <Chat onHandle={this._resolve} />
        </ToolsContext.Provider>
      </ChatContext.Provider>
    );
  }

  private _context: IChatContext;
  private _tools: IToolsContext;
  private _resolve!: (handle: IChatHandle) => void;
  private _handle = new Promise<IChatHandle>(resolve => {
    this._resolve = resolve;
  });
}
