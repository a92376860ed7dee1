import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, ISessionContextDialogs } from '@jupyterlab/apputils';
import { IDocumentManager, IRecentsManager } from '@jupyterlab/docmanager';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { IEditorTracker } from '@jupyterlab/fileeditor';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IAgentChat, IAgentClient, IAgentTools } from '../tokens';
import { codeActions } from './actions';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- menus and the palette show the commands from the start
import { addCellCommands, CellCommandIDs } from './cellCommands';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- it asks for the changes of each notebook that is opened
import { Changes } from './changes';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- menus and the palette show the commands from the start
import { addCommands, CommandIDs } from './commands';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- errors may be there when a notebook is opened
import { offerFixes } from './failures';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- what is current is asked for at once; what reads comes later
import {
  cellSource,
  fileSource,
  notebookSource,
  selectionSource
} from './sources';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- it follows what is current from the start
import { Workspace } from './workspace';

/** Notebooks and files in the chat: what can be attached, and what can be done with code in an answer. */
export const notebookPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-agent:notebook',
  description: 'Attaches notebooks, cells and files to the chat.',
  autoStart: true,
  requires: [IAgentChat],
  optional: [
    ITranslator,
    INotebookTracker,
    IEditorTracker,
    IDocumentManager,
    IRecentsManager,
    IDefaultFileBrowser,
    ISessionContextDialogs,
    ICommandPalette,
    IAgentClient,
    IAgentTools
  ],
  activate: (
    app: JupyterFrontEnd,
    chat: IAgentChat,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    editors: IEditorTracker | null,
    docManager: IDocumentManager | null,
    recents: IRecentsManager | null,
    fileBrowser: IDefaultFileBrowser | null,
    dialogs: ISessionContextDialogs | null,
    palette: ICommandPalette | null,
    client: IAgentClient | null,
    tools: IAgentTools | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_agent');
    const work = new Workspace({
      shell: app.shell,
      services: app.serviceManager,
      trans,
      notebooks,
      editors,
      docManager,
      recents,
      fileBrowser
    });
    if (notebooks) {
      chat.addContextSource(notebookSource(work));
      chat.addContextSource(cellSource(work));
    }
    if (notebooks || editors) {
      chat.addContextSource(selectionSource(work));
    }
    chat.addContextSource(fileSource(work));
    for (const action of codeActions(work, dialogs)) {
      chat.addCodeAction(action);
    }
    addCommands({ commands: app.commands, chat, work, trans });
    if (notebooks) {
      const changes =
        client && tools ? new Changes({ work, client, tools }) : null;
      const { fix } = addCellCommands({
        commands: app.commands,
        chat,
        client,
        changes,
        work,
        trans
      });
      offerFixes({ notebooks, trans, fix });
    }
    const commands = {
      ...CommandIDs,
      ...(notebooks ? CellCommandIDs : {})
    };
    for (const command of palette ? Object.values(commands) : []) {
      palette?.addItem({ command, category: trans.__('Agent') });
    }
  }
};
