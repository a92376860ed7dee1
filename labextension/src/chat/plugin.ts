import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { PageConfig } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Menu } from '@lumino/widgets';
import {
  IAgentActivity,
  IAgentChat,
  IAgentClient,
  IAgentTools,
  IAgentTurns
} from '../tokens';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- the palette shows the commands from the start
import { addCommands, CommandIDs, MENU } from './commands';

import { ChatExtensions } from './extensions';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- the layout is restored with the panel; what is in it comes later
import { ChatPanel } from './panel';

import { OwnOriginSanitizer } from './sanitizer';

import { ChatSettings } from './settings';

const PLUGIN_ID = 'jupyterlab-agent:chat';
const LAST_SESSION = 'jupyterlab-agent:session';

/** Milliseconds after the panel was opened at the start, in which JupyterLab opens its launcher. */
const LAUNCHER_COMES = 5000;

/** The launcher takes the cursor when JupyterLab opens it at its start, also from somebody who writes already. */
function keepCursor(panel: ChatPanel): void {
  const gone = new AbortController();
  const { signal } = gone;
  document.addEventListener(
    'focusin',
    event => {
      if (
        event.target instanceof Element &&
        event.target.matches('.jp-Launcher')
      ) {
        gone.abort();
        panel.activate();
      }
    },
    { signal }
  );
  // Who points somewhere else wants to be there.
  document.addEventListener('pointerdown', () => gone.abort(), { signal });
  setTimeout(() => gone.abort(), LAUNCHER_COMES);
}

/** The chat: a panel in a side bar or the main area, its commands, and what other extensions may do with it. */
export const chatPlugin: JupyterFrontEndPlugin<IAgentChat> = {
  id: PLUGIN_ID,
  description: 'A panel to chat with agents.',
  autoStart: true,
  provides: IAgentChat,
  requires: [IAgentClient, IAgentActivity, IAgentTools, IRenderMimeRegistry],
  optional: [
    IAgentTurns,
    IEditorServices,
    ITranslator,
    ISettingRegistry,
    IStateDB,
    ILabShell,
    ILayoutRestorer,
    ICommandPalette,
    ILauncher
  ],
  activate: async (
    app: JupyterFrontEnd,
    client: IAgentClient,
    activity: IAgentActivity,
    tools: IAgentTools,
    rendermime: IRenderMimeRegistry,
    turns: IAgentTurns | null,
    editors: IEditorServices | null,
    translator: ITranslator | null,
    settingRegistry: ISettingRegistry | null,
    state: IStateDB | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ): Promise<IAgentChat> => {
    const languages = translator ?? nullTranslator;
    const trans = languages.load('jupyterlab_agent');
    const { commands } = app;
    const extensions = new ChatExtensions();
    const settings = new ChatSettings();
    // Read before the application rewrites its address. `jupyter agent lab` sets the page's option: the address that
    // Jupyter prints has no room for a query beside its token.
    const wanted =
      PageConfig.getOption('agentPanel') === 'open' ||
      new URLSearchParams(window.location.search).get('agent-panel') === 'open';
    if (settingRegistry) {
      await settings.load(settingRegistry, PLUGIN_ID);
    }

    const menu = new Menu({ commands });
    menu.addClass('jp-agent-Menu');
    for (const command of MENU) {
      menu.addItem(command ? { command } : { type: 'separator' });
    }

    const panel = new ChatPanel({
      client,
      activity,
      tools,
      turns,
      editors,
      rendermime: rendermime.clone({
        sanitizer: new OwnOriginSanitizer(rendermime.sanitizer)
      }),
      trans,
      extensions,
      settings,
      shell: app.shell,
      // Notebook 7 has room for the document alone in its main area.
      hasMainArea: labShell !== null,
      openMenu: (x, y) => menu.open(x, y),
      execute: (command, args) => commands.execute(command, args),
      lastSession: async () =>
        ((await state?.fetch(LAST_SESSION)) as string | null | undefined) ??
        null,
      onSession: sessionId => {
        void (sessionId
          ? state?.save(LAST_SESSION, sessionId)
          : state?.remove(LAST_SESSION));
      }
    });
    restorer?.add(panel, panel.id);
    addCommands({
      commands,
      panel,
      tools,
      trans,
      reveal: () => panel.reveal()
    });

    void app.restored.then(() => {
      panel.restored();
      if (wanted || settings.current.openAtStart) {
        panel.reveal();
        keepCursor(panel);
      }
    });

    if (palette) {
      const category = trans.__('Agent');
      for (const command of Object.values(CommandIDs)) {
        palette.addItem({ command, category, args: { isPalette: true } });
      }
    }
    launcher?.add({
      command: CommandIDs.open,
      args: { isLauncher: true },
      // The launcher's own category, by the name that it has in the user's language.
      category: languages.load('jupyterlab').__('Other'),
      rank: 0
    });

    return {
      open: async sessionId => {
        await commands.execute(CommandIDs.open);
        const { controller, handle } = await panel.load();
        const { session } = controller.state.conversation;
        if (sessionId && session?.id !== sessionId) {
          handle.focusInput();
          await controller.openSession(sessionId);
        }
      },
      newChat: async () => {
        await commands.execute(CommandIDs.newChat);
      },
      send: async (text, parts) => {
        panel.reveal();
        const { controller } = await panel.load();
        controller.send(text, parts);
      },
      stop: async () => {
        await panel.controller?.stop();
      },
      attach: async ref => {
        panel.reveal();
        const { controller, handle } = await panel.load();
        controller.draft.attach(ref);
        handle.focusInput();
      },
      get current() {
        const { session, exchanges } =
          panel.controller?.state.conversation ?? {};
        return session
          ? {
              sessionId: session.id,
              turnIds: (exchanges ?? []).flatMap(({ turnId }) => turnId ?? [])
            }
          : null;
      },
      addContextSource: extensions.addContextSource,
      addSlashCommand: extensions.addSlashCommand,
      addCodeAction: extensions.addCodeAction
    };
  }
};
