import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';
import {
  IAgentActivity,
  IAgentChat,
  IAgentClient,
  IAgentTools
} from '../tokens';
import { AgentActivity } from './activity';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- the status bar shows it from the start
import { StatusItem } from './item';

const SHOW_WAITING = 'agent:show-waiting';

/** What the agents do now. */
export const activityPlugin: JupyterFrontEndPlugin<IAgentActivity> = {
  id: 'jupyterlab-agent:activity',
  description: 'Follows what the agents of the user do.',
  autoStart: true,
  provides: IAgentActivity,
  requires: [IAgentClient],
  activate: (_app: JupyterFrontEnd, client: IAgentClient): IAgentActivity =>
    new AgentActivity(client)
};

/** What the agent does now, in the status bar. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-agent:status',
  description: 'Shows in the status bar what the agent does.',
  autoStart: true,
  requires: [IAgentActivity, IAgentChat, IAgentClient, IAgentTools],
  optional: [IStatusBar, ITranslator, IEditorServices, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    activity: IAgentActivity,
    chat: IAgentChat,
    client: IAgentClient,
    tools: IAgentTools,
    statusBar: IStatusBar | null,
    translator: ITranslator | null,
    editors: IEditorServices | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_agent');
    let anchor: Widget | null = null;
    commands.addCommand(SHOW_WAITING, {
      label: trans.__('Show What Waits for Me'),
      caption: trans.__('Calls of agents that wait for a yes or a no'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const { showQueue } = await import('../tools/queueWidget');
        showQueue({
          anchor: anchor?.isVisible ? anchor : null,
          client,
          tools,
          trans,
          editors,
          openChat: sessionId => chat.open(sessionId),
          openPath: path => commands.execute('docmanager:open', { path })
        });
      }
    });
    palette?.addItem({ command: SHOW_WAITING, category: trans.__('Agent') });
    if (!statusBar) {
      return;
    }
    const item = new StatusItem({
      activity,
      tools,
      trans,
      open: () => void chat.open(),
      showWaiting: () => void commands.execute(SHOW_WAITING)
    });
    anchor = item;
    statusBar.registerStatusItem(statusPlugin.id, {
      item,
      align: 'left',
      // After the kernels and terminals, before what belongs to the document in front.
      rank: 1,
      isActive: () => activity.state !== 'absent',
      activeStateChanged: activity.changed
    });
    // What is on the screen comes first: the server loads its agent with this connection.
    void app.restored.then(() => activity.start());
  }
};
