import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { textOrNull } from '../api/read';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- the status bar shows money from the start
import { numbersIn } from '../charts/numbers';
import {
  IAgentActivity,
  IAgentChat,
  IAgentClient,
  IAgentCosts,
  IAgentTurns
} from '../tokens';
import type { ICostsHost } from './context';

import { costsIcon } from './icon';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- the status bar shows it from the start
import { CostsItem } from './item';

import { costsRenderer } from './mime';
import { AgentCosts } from './service';

import { CostsWidget, type IWanted } from './widget';

const PLUGIN_ID = 'jupyterlab-agent:costs';

export const CommandIDs = {
  open: 'agent:open-costs',
  editBudgets: 'agent:edit-budgets'
} as const;

/** What agents cost: a dashboard, today's number in the status bar, and what a notebook shows of it. */
export const costsPlugin: JupyterFrontEndPlugin<IAgentCosts> = {
  id: PLUGIN_ID,
  description: 'Shows what agents cost, and the budgets.',
  autoStart: true,
  provides: IAgentCosts,
  requires: [IAgentClient, IAgentActivity, IRenderMimeRegistry],
  optional: [
    IAgentTurns,
    IAgentChat,
    ITranslator,
    ISettingRegistry,
    ILabShell,
    ILayoutRestorer,
    ICommandPalette,
    ILauncher,
    IStatusBar
  ],
  activate: (
    app: JupyterFrontEnd,
    client: IAgentClient,
    activity: IAgentActivity,
    rendermime: IRenderMimeRegistry,
    turns: IAgentTurns | null,
    chat: IAgentChat | null,
    translator: ITranslator | null,
    settingRegistry: ISettingRegistry | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    statusBar: IStatusBar | null
  ): IAgentCosts => {
    const languages = translator ?? nullTranslator;
    const trans = languages.load('jupyterlab_agent');
    const { commands, shell } = app;
    const tracker = new WidgetTracker<CostsWidget>({
      namespace: 'jupyterlab-agent-costs'
    });
    const make = async (wanted: IWanted, activate: boolean) => {
      let widget = tracker.find(one => !one.isDisposed);
      if (!widget) {
        widget = new CostsWidget(host);
        await tracker.add(widget);
      }
      widget.turnTo(wanted);
      if (!widget.isAttached) {
        // Notebook 7 has room for the document alone in its main area.
        shell.add(widget, labShell ? 'main' : 'right', {
          type: 'Agent',
          rank: 970,
          activate
        });
      }
      if (activate) {
        shell.activateById(widget.id);
      }
      return widget;
    };
    const costs = new AgentCosts({
      client,
      activity,
      show: async sessionId => {
        activity.start();
        await make(sessionId ? { sessionId } : {}, true);
      }
    });
    const host: ICostsHost = {
      client,
      activity,
      costs,
      numbers: numbersIn(languages.languageCode),
      trans,
      rendermime,
      hasCommand: command => commands.hasCommand(command),
      execute: (command, args) => commands.execute(command, args),
      openTurn: turns ? turnId => turns.open(turnId) : null,
      openChat: chat ? sessionId => chat.open(sessionId) : null
    };

    commands.addCommand(CommandIDs.open, {
      label: trans.__('Agent Costs'),
      caption: trans.__('What agents cost, by model, session and day'),
      icon: args => (args.isPalette ? undefined : costsIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            sessionId: {
              type: 'string',
              description: trans.__('What this chat cost')
            }
          }
        }
      },
      execute: async args => {
        activity.start();
        const restored = args.isRestored === true;
        return make(
          { sessionId: textOrNull(args.sessionId) ?? undefined },
          !restored
        );
      }
    });
    commands.addCommand(CommandIDs.editBudgets, {
      label: trans.__('Edit Agent Budgets'),
      caption: trans.__('What agents may spend'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            sessionId: {
              type: 'string',
              description: trans.__('A chat that may have a budget of its own')
            }
          }
        }
      },
      execute: async args => {
        activity.start();
        await make(
          {
            sessionId: textOrNull(args.sessionId) ?? undefined,
            budgets: true
          },
          true
        );
      }
    });
    const category = trans.__('Agent');
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category, args: { isPalette: true } });
    }
    launcher?.add({
      command: CommandIDs.open,
      args: { isLauncher: true },
      // The launcher's own category, by the name that it has in the user's language.
      category: languages.load('jupyterlab').__('Other'),
      rank: 1
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.open,
        args: () => ({ isRestored: true }),
        name: () => 'costs'
      });
    }
    rendermime.addFactory(costsRenderer(host), 0);
    if (statusBar) {
      void addItem({ app, statusBar, settingRegistry, host }).catch(
        (error: unknown) =>
          console.error('jupyterlab-agent: no cost in the status bar', error)
      );
    }
    return costs;
  }
};

/** Today's cost in the status bar, where the settings want it there. */
async function addItem(options: {
  app: JupyterFrontEnd;
  statusBar: IStatusBar;
  settingRegistry: ISettingRegistry | null;
  host: ICostsHost;
}): Promise<void> {
  const { app, statusBar, settingRegistry, host } = options;
  const { activity, costs, numbers, trans } = host;
  const settings = await settingRegistry?.load(PLUGIN_ID);
  const wanted = (): boolean => settings?.composite.showToday !== false;
  const item = new CostsItem({
    costs,
    numbers,
    trans,
    open: () => void app.commands.execute(CommandIDs.open)
  });
  const activeChanged = new Signal<CostsItem, void>(item);
  const isActive = (): boolean =>
    wanted() && costs.summary !== null && activity.state !== 'absent';
  statusBar.registerStatusItem(PLUGIN_ID, {
    item,
    align: 'left',
    // Right after what the agent does.
    rank: 1.1,
    isActive,
    activeStateChanged: activeChanged
  });
  let watching: { dispose: () => void } | null = null;
  const follow = (): void => {
    if (wanted() && !watching) {
      watching = costs.watch();
    } else if (!wanted()) {
      watching?.dispose();
      watching = null;
    }
    activeChanged.emit();
  };
  settings?.changed.connect(follow);
  costs.summaryChanged.connect(() => activeChanged.emit());
  activity.changed.connect(() => activeChanged.emit());
  await app.restored;
  follow();
}
