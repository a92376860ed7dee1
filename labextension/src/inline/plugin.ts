import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ICompletionProviderManager } from '@jupyterlab/completer';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IAgentClient } from '../tokens';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- the completer lists its providers from the start
import { AgentInlineProvider, type IInlineSettings } from './provider';

const PLUGIN_ID = 'jupyterlab-agent:inline';
const TOGGLE = 'agent:toggle-inline-completion';

/** Suggests what comes next, as grey text at the cursor. */
export const inlinePlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Suggests the text that comes next at the cursor.',
  autoStart: true,
  requires: [IAgentClient, ICompletionProviderManager],
  optional: [ISettingRegistry, ITranslator, ICommandPalette],
  activate: async (
    app: JupyterFrontEnd,
    client: IAgentClient,
    completions: ICompletionProviderManager,
    settingRegistry: ISettingRegistry | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): Promise<void> => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_agent');
    const { contents } = app.serviceManager;
    // A model is paid for each suggestion, and reads what one writes: somebody has to want it.
    const settings: IInlineSettings = { whileTyping: false };
    completions.registerInlineProvider(
      new AgentInlineProvider({
        client,
        trans,
        settings,
        serverPath: path => {
          const drive = contents.driveName(path);
          return drive === '' || drive === 'RTC'
            ? contents.localPath(path)
            : null;
        },
        tell: message =>
          Notification.warning(trans.__('No suggestion: %1', message), {
            autoClose: 8_000
          })
      })
    );
    const stored = await settingRegistry?.load(PLUGIN_ID);
    const follow = (): void => {
      settings.whileTyping = stored?.composite.whileTyping === true;
      app.commands.notifyCommandChanged(TOGGLE);
    };
    app.commands.addCommand(TOGGLE, {
      describedBy: { args: { type: 'object', properties: {} } },
      label: trans.__('Suggest Code While Typing'),
      caption: trans.__('Show what the model would write next, as grey text'),
      isToggled: () => settings.whileTyping,
      isEnabled: () => Boolean(stored),
      execute: () => stored?.set('whileTyping', !settings.whileTyping)
    });
    stored?.changed.connect(follow);
    follow();
    palette?.addItem({ command: TOGGLE, category: trans.__('Agent') });
  }
};
