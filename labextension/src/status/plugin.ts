import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IAgentActivity, IAgentChat, IAgentClient } from '../tokens';
import { AgentActivity } from './activity';
import { StatusItem } from './item';

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
  requires: [IAgentActivity, IAgentChat],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    activity: IAgentActivity,
    chat: IAgentChat,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    if (!statusBar) {
      return;
    }
    const item = new StatusItem({
      activity,
      trans: (translator ?? nullTranslator).load('jupyterlab_agent'),
      open: () => void chat.open()
    });
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
