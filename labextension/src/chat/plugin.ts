import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { DisposableDelegate } from '@lumino/disposable';
import { Menu } from '@lumino/widgets';
import {
  IAgentChat,
  IAgentClient,
  type ICodeAction,
  type IContextSource,
  type ISlashCommand
} from '../tokens';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- the palette shows the commands from the start
import { addCommands, CommandIDs, MENU } from './commands';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- the layout is restored with the panel; what is in it comes later
import { ChatPanel } from './panel';
import { OwnOriginSanitizer } from './sanitizer';

const PLUGIN_ID = 'jupyterlab-agent:chat';
const LAST_SESSION = 'jupyterlab-agent:session';

type Area = 'left' | 'right' | 'main';

/** The chat: a panel in the side bar, its commands, and what other extensions may do with it. */
export const chatPlugin: JupyterFrontEndPlugin<IAgentChat> = {
  id: PLUGIN_ID,
  description: 'A panel to chat with agents.',
  autoStart: true,
  provides: IAgentChat,
  requires: [IAgentClient, IRenderMimeRegistry],
  optional: [
    ITranslator,
    ISettingRegistry,
    IStateDB,
    ILayoutRestorer,
    ICommandPalette,
    ILauncher
  ],
  activate: (
    app: JupyterFrontEnd,
    client: IAgentClient,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null,
    settingRegistry: ISettingRegistry | null,
    state: IStateDB | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ): IAgentChat => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_agent');
    const { commands, shell } = app;
    const actions = new Set<ICodeAction>();
    const sources = new Set<IContextSource>();
    const slashCommands = new Set<ISlashCommand>();
    let unfoldThinking = false;
    // Read before the application rewrites its address. `jupyter agent lab` sets the page's option: the address that
    // Jupyter prints has no room for a query beside its token.
    const wanted =
      PageConfig.getOption('agentPanel') === 'open' ||
      new URLSearchParams(window.location.search).get('agent-panel') === 'open';

    const menu = new Menu({ commands });
    menu.addClass('jp-agent-Menu');
    for (const command of MENU) {
      menu.addItem(command ? { command } : { type: 'separator' });
    }

    const panel = new ChatPanel({
      client,
      rendermime: rendermime.clone({
        sanitizer: new OwnOriginSanitizer(rendermime.sanitizer)
      }),
      trans,
      codeActions: () => [...actions],
      contextSources: () => [...sources].sort((a, b) => a.rank - b.rank),
      slashCommands: () => [...slashCommands],
      unfoldThinking: () => unfoldThinking,
      openMenu: (x, y) => menu.open(x, y),
      lastSession: async () =>
        ((await state?.fetch(LAST_SESSION)) as string | null | undefined) ??
        null,
      onSession: sessionId => {
        void (sessionId
          ? state?.save(LAST_SESSION, sessionId)
          : state?.remove(LAST_SESSION));
      }
    });

    let area: Area | null = null;
    const place = (where: Area): void => {
      if (where !== area) {
        area = where;
        shell.add(panel, where, { rank: 950, type: 'Agent' });
      }
    };
    // At once, so that a layout with the panel open is restored; the settings may move it.
    place('right');
    restorer?.add(panel, panel.id);
    const reveal = (): void => {
      shell.activateById(panel.id);
    };
    addCommands({ commands, panel, trans, reveal });

    const start = async (): Promise<void> => {
      let open = wanted;
      if (settingRegistry) {
        try {
          const settings = await settingRegistry.load(PLUGIN_ID);
          unfoldThinking = settings.get('unfoldThinking').composite as boolean;
          place(settings.get('area').composite as Area);
          open ||= settings.get('openAtStart').composite as boolean;
          settings.changed.connect(changed => {
            unfoldThinking = changed.get('unfoldThinking').composite as boolean;
            place(changed.get('area').composite as Area);
          }, panel);
        } catch (error) {
          console.error('jupyterlab-agent: the settings did not load', error);
        }
      }
      await app.restored;
      if (open) {
        reveal();
      }
    };
    void start();

    if (palette) {
      const category = trans.__('Agent');
      for (const command of Object.values(CommandIDs)) {
        palette.addItem({ command, category });
      }
    }
    launcher?.add({
      command: CommandIDs.open,
      args: { isLauncher: true },
      category: trans.__('Other'),
      rank: 0
    });

    return {
      open: async () => {
        await commands.execute(CommandIDs.open);
      },
      newChat: async () => {
        await commands.execute(CommandIDs.newChat);
      },
      send: async (text, parts) => {
        reveal();
        const { controller } = await panel.load();
        controller.send(text, parts);
      },
      stop: async () => {
        await panel.controller?.stop();
      },
      attach: async ref => {
        reveal();
        const { controller, handle } = await panel.load();
        controller.draft.attach(ref);
        handle.focusInput();
      },
      addContextSource: source => {
        sources.add(source);
        return new DisposableDelegate(() => sources.delete(source));
      },
      addSlashCommand: command => {
        slashCommands.add(command);
        return new DisposableDelegate(() => slashCommands.delete(command));
      },
      addCodeAction: action => {
        actions.add(action);
        return new DisposableDelegate(() => actions.delete(action));
      }
    };
  }
};
