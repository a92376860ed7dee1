import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- it is what this plugin provides, and small
import { AgentClient } from './api/client';
import { chatPlugin } from './chat/plugin';
import { costsPlugin } from './costs/plugin';
import { inlinePlugin } from './inline/plugin';
import { livePlugin } from './live/plugin';
import { notebookPlugin } from './notebook/plugin';
import { activityPlugin, statusPlugin } from './status/plugin';
import { IAgentClient } from './tokens';
import { toolsPlugin } from './tools/plugin';
import { turnCommandsPlugin, turnsPlugin } from './turns/plugin';

export {
  IAgentActivity,
  IAgentChat,
  IAgentClient,
  IAgentCosts,
  IAgentTools,
  IAgentTurns,
  type AgentState,
  type ICodeAction,
  type IContextRef,
  type IContextSource,
  type IContextSuggestion,
  type ICheckpointMoved,
  type ISlashCommand
} from './tokens';

/** The way to the server, for this extension's other plugins and for those of others. */
const clientPlugin: JupyterFrontEndPlugin<IAgentClient> = {
  id: 'jupyterlab-agent:client',
  description: 'Typed access to the agent API.',
  autoStart: true,
  provides: IAgentClient,
  activate: (app: JupyterFrontEnd): IAgentClient =>
    new AgentClient(app.serviceManager.serverSettings)
};

export default [
  clientPlugin,
  activityPlugin,
  toolsPlugin,
  statusPlugin,
  chatPlugin,
  notebookPlugin,
  livePlugin,
  inlinePlugin,
  costsPlugin,
  turnsPlugin,
  turnCommandsPlugin
];
