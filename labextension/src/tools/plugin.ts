import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IAgentActivity, IAgentClient, IAgentTools } from '../tokens';
import { AgentTools } from './service';

/** What waits for the user, and what can be undone. */
export const toolsPlugin: JupyterFrontEndPlugin<IAgentTools> = {
  id: 'jupyterlab-agent:tools',
  description:
    'Calls of agents that wait for the user, and changes that can be undone.',
  autoStart: true,
  provides: IAgentTools,
  requires: [IAgentClient, IAgentActivity],
  activate: (
    _app: JupyterFrontEnd,
    client: IAgentClient,
    activity: IAgentActivity
  ): IAgentTools => new AgentTools({ client, activity })
};
