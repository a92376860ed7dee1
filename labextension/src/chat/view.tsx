/** What is loaded when the panel is first shown: React and everything drawn with it. */
import { ReactWidget } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon } from '@jupyterlab/ui-components';
import React from 'react';
import type { AgentClient } from '../api/client';
import type { ICodeAction, IContextSource, ISlashCommand } from '../tokens';
import { Chat, type IChatHandle } from './components/Chat';
import { ChatContext, type IChatContext } from './context';
import type { ChatController } from './controller';
import { showProviderDialog } from './providerDialog';

export interface IChatViewOptions {
  client: AgentClient;
  controller: ChatController;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
  codeActions: () => readonly ICodeAction[];
  contextSources: () => readonly IContextSource[];
  slashCommands: () => readonly ISlashCommand[];
  unfoldThinking: () => boolean;
  openMenu: (x: number, y: number) => void;
}

/** The panel's content. */
export class ChatView extends ReactWidget {
  constructor(options: IChatViewOptions) {
    super();
    this.addClass('jp-agent-View');
    const { client, controller, trans } = options;
    const copy: ICodeAction = {
      id: 'copy',
      label: trans.__('Copy code'),
      icon: copyIcon,
      rank: 0,
      execute: code => navigator.clipboard.writeText(code)
    };
    this._context = {
      ...options,
      codeActions: () =>
        [copy, ...options.codeActions()].sort((a, b) => a.rank - b.rank),
      addKey: providerId => {
        void showProviderDialog({ client, trans, providerId }).then(() =>
          Promise.all([controller.refreshModels(), controller.refreshStatus()])
        );
      }
    };
  }

  /** Resolves with the way to what is drawn, once it is. */
  get handle(): Promise<IChatHandle> {
    return this._handle;
  }

  addKey(): void {
    this._context.addKey();
  }

  protected override render(): JSX.Element {
    return (
      <ChatContext.Provider value={this._context}>
        <Chat onHandle={this._resolve} />
      </ChatContext.Provider>
    );
  }

  private _context: IChatContext;
  private _resolve!: (handle: IChatHandle) => void;
  private _handle = new Promise<IChatHandle>(resolve => {
    this._resolve = resolve;
  });
}
