/** Everything the panel can do, as commands: for the palette, menus, shortcuts and other extensions. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { DisposableSet, type IDisposable } from '@lumino/disposable';
import { agentIcon } from '../icons';
import { answerText } from './model';
import type { ChatPanel, IOpenChat } from './panel';

export const CommandIDs = {
  open: 'agent:open-chat',
  newChat: 'agent:new-chat',
  stop: 'agent:stop',
  focusInput: 'agent:focus-input',
  send: 'agent:send-message',
  retry: 'agent:retry',
  toggleSessions: 'agent:toggle-sessions',
  rename: 'agent:rename-chat',
  archive: 'agent:archive-chat',
  remove: 'agent:delete-chat',
  pickModel: 'agent:pick-model',
  providers: 'agent:set-up-providers',
  copyAnswer: 'agent:copy-answer'
} as const;

/** Those that the panel's own menu shows. */
export const MENU = [
  CommandIDs.rename,
  CommandIDs.archive,
  CommandIDs.remove,
  null,
  CommandIDs.copyAnswer,
  CommandIDs.retry,
  null,
  CommandIDs.providers
] as const;

const NO_ARGS = { args: { type: 'object', properties: {} } };

/** Adds the commands; disposing the result takes them away. */
export function addCommands(options: {
  commands: CommandRegistry;
  panel: ChatPanel;
  trans: TranslationBundle;
  /** Brings the panel to the front, with the cursor in its box. */
  reveal: () => void;
}): IDisposable {
  const { commands, panel, trans, reveal } = options;
  const session = () => panel.controller?.state.conversation.session ?? null;
  const last = () => {
    const exchanges = panel.controller?.state.conversation.exchanges ?? [];
    return exchanges[exchanges.length - 1] ?? null;
  };
  const running = () => panel.controller?.running ?? null;
  const shown = async (): Promise<IOpenChat> => {
    if (!panel.isVisible) {
      reveal();
      // Coming to the front puts the cursor into the box; what the command focuses comes after it.
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    return panel.load();
  };
  const added = new DisposableSet();

  added.add(
    commands.addCommand(CommandIDs.open, {
      label: args =>
        args.isLauncher ? trans.__('Agent Chat') : trans.__('Open Agent Chat'),
      caption: trans.__('Chat with an agent'),
      icon: agentIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            isLauncher: {
              type: 'boolean',
              description: trans.__('Whether it is called from the launcher')
            }
          }
        }
      },
      execute: async () => {
        reveal();
        await panel.load();
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.newChat, {
      describedBy: NO_ARGS,
      label: trans.__('New Agent Chat'),
      caption: trans.__('Start an empty chat'),
      icon: agentIcon,
      execute: async () => {
        const { controller, handle } = await shown();
        controller.newSession();
        handle.focusInput();
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.stop, {
      describedBy: NO_ARGS,
      label: trans.__('Stop the Agent'),
      caption: trans.__('Stop the running turn; what it said stays'),
      isEnabled: () => running() !== null,
      execute: async () => {
        await panel.controller?.stop();
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.focusInput, {
      describedBy: NO_ARGS,
      label: trans.__('Write to the Agent'),
      caption: trans.__('Put the cursor into the box of the chat'),
      execute: async () => {
        const { handle } = await shown();
        handle.focusInput();
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.send, {
      label: trans.__('Send a Message to the Agent'),
      caption: trans.__('Send what is in the box, or the text given'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            text: {
              type: 'string',
              description: trans.__(
                'The message; what is in the box if left out'
              )
            }
          }
        }
      },
      execute: async args => {
        const { controller } = await shown();
        controller.send(
          typeof args.text === 'string' ? args.text : controller.draft.text
        );
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.retry, {
      describedBy: NO_ARGS,
      label: trans.__('Try the Last Message Again'),
      isEnabled: () => running() === null && !!last()?.turnId,
      execute: async () => {
        const exchange = last();
        if (exchange) {
          await panel.controller?.retry(exchange);
        }
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.toggleSessions, {
      describedBy: NO_ARGS,
      label: trans.__('Show or Hide Agent Chats'),
      execute: async () => {
        const { handle } = await shown();
        handle.toggleSessions();
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.rename, {
      describedBy: NO_ARGS,
      label: trans.__('Rename Agent Chat'),
      isEnabled: () => session() !== null,
      execute: async () => {
        const { handle } = await shown();
        handle.rename();
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.archive, {
      describedBy: NO_ARGS,
      label: trans.__('Archive Agent Chat'),
      isEnabled: () => session() !== null,
      execute: async () => {
        const current = session();
        const controller = panel.controller;
        if (current && controller) {
          await controller.archive(current, current.status !== 'archived');
        }
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.remove, {
      describedBy: NO_ARGS,
      label: trans.__('Delete Agent Chat'),
      isEnabled: () => session() !== null,
      execute: async () => {
        const current = session();
        if (current) {
          await panel.controller?.remove(current);
        }
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.pickModel, {
      describedBy: NO_ARGS,
      label: trans.__('Choose the Agent’s Model'),
      execute: async () => {
        const { handle } = await shown();
        handle.pickModel();
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.providers, {
      describedBy: NO_ARGS,
      label: trans.__('Agent Providers and Keys…'),
      execute: async () => {
        const { view } = await shown();
        view.addKey();
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.copyAnswer, {
      describedBy: NO_ARGS,
      label: trans.__('Copy the Agent’s Last Answer'),
      isEnabled: () => last() !== null && answerText(last()!) !== '',
      execute: async () => {
        const exchange = last();
        if (exchange) {
          await navigator.clipboard.writeText(answerText(exchange));
        }
      }
    })
  );
  return added;
}
