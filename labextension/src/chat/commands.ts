/** Everything the panel can do, as commands: for the palette, menus, shortcuts and other extensions. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { JSONObject } from '@lumino/coreutils';
import {
  DisposableDelegate,
  DisposableSet,
  type IDisposable
} from '@lumino/disposable';
import type { IApproval } from '../api/types';
import { agentIcon } from '../icons';
import type { IAgentTools } from '../tokens';
import type { ChatController } from './controller';
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
  pickMode: 'agent:pick-mode',
  answerWaiting: 'agent:answer-waiting',
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
  'agent:session-insights',
  null,
  CommandIDs.providers
] as const;

type Waiting = Pick<IApproval, 'id' | 'session_id'>;

/** The call that waits longest; from one of them the next. */
function nextWaiting(
  waiting: readonly Waiting[],
  from: Element | null
): Waiting | undefined {
  const here = from?.closest<HTMLElement>('.jp-agent-Approval');
  const at = waiting.findIndex(one => one.id === here?.dataset.approval);
  return waiting[(at + 1) % waiting.length];
}

/** Resolves when the panel has the conversation that it opens with. */
function settled(controller: ChatController): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      const { phase, opening } = controller.state;
      if (phase !== 'loading' && !opening) {
        controller.stateChanged.disconnect(look);
        resolve();
      }
    };
    controller.stateChanged.connect(look);
    look();
  });
}

/** Adds the commands; disposing the result takes them away. */
export function addCommands(options: {
  commands: CommandRegistry;
  panel: ChatPanel;
  tools: IAgentTools;
  trans: TranslationBundle;
  /** Brings the panel to the front, with the cursor in its box. */
  reveal: () => void;
}): IDisposable {
  const { commands, panel, tools, trans, reveal } = options;
  const session = () => panel.controller?.state.conversation.session ?? null;
  const last = () => {
    const exchanges = panel.controller?.state.conversation.exchanges ?? [];
    return exchanges[exchanges.length - 1] ?? null;
  };
  const running = () => panel.controller?.running ?? null;
  /** Of all chats; what the open one shows may not have been told of here. */
  const waiting = (): readonly Waiting[] => {
    const sessionId = session()?.id;
    const here = sessionId ? (panel.controller?.waiting ?? []) : [];
    return [
      ...tools.approvals,
      ...here
        .map(call => ({ id: call.asked!.id, session_id: sessionId! }))
        .filter(one => !tools.approvals.some(({ id }) => id === one.id))
    ];
  };
  const shown = async (): Promise<IOpenChat> => {
    if (!panel.isVisible) {
      reveal();
      // Coming to the front puts the cursor into the box; what the command focuses comes after it.
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    return panel.load();
  };
  const added = new DisposableSet();
  const add = (
    id: string,
    command: Omit<CommandRegistry.ICommandOptions, 'describedBy'>,
    properties: JSONObject = {}
  ): void => {
    added.add(
      commands.addCommand(id, {
        ...command,
        describedBy: { args: { type: 'object', properties } }
      })
    );
  };

  add(
    CommandIDs.open,
    {
      label: args =>
        args.isPalette ? trans.__('Open Agent Chat') : trans.__('Agent Chat'),
      caption: trans.__('Chat with an agent'),
      icon: args => (args.isLauncher ? agentIcon : undefined),
      execute: async args => {
        reveal();
        const { controller } = await panel.load();
        if (typeof args.sessionId === 'string') {
          await settled(controller);
          if (controller.state.conversation.session?.id !== args.sessionId) {
            await controller.openSession(args.sessionId);
          }
        }
      }
    },
    {
      sessionId: {
        type: 'string',
        description: trans.__(
          'The chat to open; the one that was open if left out'
        )
      },
      isLauncher: {
        type: 'boolean',
        description: trans.__('Whether it is called from the launcher')
      },
      isPalette: {
        type: 'boolean',
        description: trans.__('Whether it is called from the command palette')
      }
    }
  );
  add(CommandIDs.newChat, {
    label: trans.__('New Agent Chat'),
    caption: trans.__('Start an empty chat'),
    execute: async () => {
      const { controller, handle } = await shown();
      controller.newSession();
      handle.focusInput();
    }
  });
  add(CommandIDs.stop, {
    label: trans.__('Stop the Agent'),
    caption: trans.__('Stop the running turn; what it said stays'),
    isEnabled: () => running() !== null,
    execute: async () => {
      await panel.controller?.stop();
    }
  });
  add(CommandIDs.focusInput, {
    label: trans.__('Write to the Agent'),
    caption: trans.__('Put the cursor into the box of the chat'),
    execute: async () => {
      const { handle } = await shown();
      handle.focusInput();
    }
  });
  add(
    CommandIDs.send,
    {
      label: trans.__('Send a Message to the Agent'),
      caption: trans.__('Send what is in the box, or the text given'),
      execute: async args => {
        const { controller, view } = await shown();
        if (typeof args.text === 'string') {
          controller.send(args.text);
        } else {
          await view.submit();
        }
      }
    },
    {
      text: {
        type: 'string',
        description: trans.__('The message; what is in the box if left out')
      }
    }
  );
  add(CommandIDs.retry, {
    label: trans.__('Try the Last Message Again'),
    isEnabled: () => running() === null && !!last()?.turnId,
    execute: async () => {
      const exchange = last();
      if (exchange) {
        await panel.controller?.retry(exchange);
      }
    }
  });
  add(CommandIDs.toggleSessions, {
    label: trans.__('Show or Hide Agent Chats'),
    execute: async () => {
      const { handle } = await shown();
      handle.toggleSessions();
    }
  });
  add(CommandIDs.rename, {
    label: trans.__('Rename Agent Chat'),
    isEnabled: () => session() !== null,
    execute: async () => {
      const { handle } = await shown();
      handle.rename();
    }
  });
  add(CommandIDs.archive, {
    label: () =>
      session()?.status === 'archived'
        ? trans.__('Take Agent Chat out of the Archive')
        : trans.__('Archive Agent Chat'),
    isEnabled: () => session() !== null,
    execute: async () => {
      const current = session();
      if (current) {
        await panel.controller?.archive(current, current.status !== 'archived');
      }
    }
  });
  add(CommandIDs.remove, {
    label: trans.__('Delete Agent Chat'),
    isEnabled: () => session() !== null,
    execute: async () => {
      const current = session();
      if (current) {
        await panel.controller?.remove(current);
      }
    }
  });
  add(
    CommandIDs.pickModel,
    {
      label: trans.__('Choose the Agent’s Model'),
      execute: async args => {
        const { controller, handle } = await shown();
        const { provider, model } = args;
        if (typeof provider === 'string' && typeof model === 'string') {
          await controller.choose({ provider, model });
        } else {
          handle.pickModel();
        }
      }
    },
    {
      provider: {
        type: 'string',
        description: trans.__('The provider; the user chooses if left out')
      },
      model: { type: 'string', description: trans.__('Its model') }
    }
  );
  add(CommandIDs.pickMode, {
    label: trans.__('Choose What the Agent May Do'),
    execute: async () => {
      const { handle } = await shown();
      handle.pickMode();
    }
  });
  add(CommandIDs.answerWaiting, {
    label: trans.__('Answer What Waits'),
    caption: trans.__(
      'Go to the call of an agent that waits longest, from there to the next, and back with the answer'
    ),
    isEnabled: () => waiting().length > 0,
    execute: async () => {
      const from = document.activeElement;
      const approval = nextWaiting(waiting(), from);
      if (!approval) {
        return;
      }
      const { controller, handle } = await shown();
      await settled(controller);
      const { session } = controller.state.conversation;
      if (session?.id !== approval.session_id) {
        await controller.openSession(approval.session_id);
      }
      const waits = () => waiting().some(({ id }) => id === approval.id);
      if (!(await handle.answer(approval.id, from)) && waits()) {
        await commands.execute('agent:show-waiting');
      }
    }
  });
  const moved = () => commands.notifyCommandChanged(CommandIDs.answerWaiting);
  tools.approvalsChanged.connect(moved);
  added.add(
    new DisposableDelegate(() => tools.approvalsChanged.disconnect(moved))
  );
  add(CommandIDs.providers, {
    label: trans.__('Agent Providers and Keys…'),
    execute: async () => {
      const { view } = await shown();
      view.addKey();
    }
  });
  add(CommandIDs.copyAnswer, {
    label: trans.__('Copy the Agent’s Last Answer'),
    isEnabled: () =>
      last()?.blocks.some(block => block.kind === 'text') === true,
    execute: async () => {
      const exchange = last();
      if (exchange) {
        const { answerText } = await import('./model');
        await navigator.clipboard.writeText(answerText(exchange));
      }
    }
  });
  return added;
}
