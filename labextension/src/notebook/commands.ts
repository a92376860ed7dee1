/** Attaches what the user works on, from menus, the palette and by keyboard. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { DisposableSet, type IDisposable } from '@lumino/disposable';
import { agentIcon } from '../icons';
import type { IAgentChat, IContextRef } from '../tokens';
import { cellRef, fileRef, selectionRef } from './refs';
import type { Workspace } from './workspace';

export const CommandIDs = {
  askCell: 'agent:ask-about-cell',
  attachSelection: 'agent:attach-selection',
  attachNotebook: 'agent:attach-notebook',
  attachFile: 'agent:attach-file'
} as const;

const NO_ARGS = { args: { type: 'object', properties: {} } };

/** Adds the commands; disposing the result takes them away. */
export function addCommands(options: {
  commands: CommandRegistry;
  chat: IAgentChat;
  work: Workspace;
  trans: TranslationBundle;
}): IDisposable {
  const { commands, chat, work, trans } = options;
  const added = new DisposableSet();

  const attach = async (refs: readonly IContextRef[]): Promise<void> => {
    try {
      for (const ref of refs) {
        await chat.attach(ref);
      }
    } catch (error) {
      Notification.error(
        error instanceof Error ? error.message : String(error),
        { autoClose: 8_000 }
      );
    }
  };

  /** The cells that are selected; the active one is always among them. */
  const cells = (): IContextRef[] => {
    const panel = work.notebook;
    return panel
      ? panel.content.widgets
          .filter(cell => panel.content.isSelectedOrActive(cell))
          .map(cell => cellRef(work, panel, cell))
      : [];
  };

  /** Files that are chosen in the file browser, else the one that is edited. */
  const files = (): IContextRef[] => {
    const { fileBrowser } = work.options;
    const chosen = fileBrowser?.isVisible
      ? [...fileBrowser.selectedItems()].filter(
          item => item.type !== 'directory'
        )
      : [];
    if (chosen.length > 0) {
      return chosen.map(item => fileRef(work, item.path));
    }
    const { editor } = work;
    return editor ? [fileRef(work, editor.context.path)] : [];
  };

  added.add(
    commands.addCommand(CommandIDs.askCell, {
      describedBy: NO_ARGS,
      label: trans.__('Ask the Agent'),
      caption: trans.__('Attach the selected cells and write a question'),
      icon: agentIcon,
      isEnabled: () => Boolean(work.notebook?.content.activeCell),
      execute: () => attach(cells())
    })
  );
  added.add(
    commands.addCommand(CommandIDs.attachSelection, {
      describedBy: NO_ARGS,
      label: trans.__('Attach Selected Text to the Agent'),
      caption: trans.__('Attach what is selected in the cell or the file'),
      icon: agentIcon,
      isEnabled: () => work.selection() !== null,
      execute: () => {
        const selection = work.selection();
        return attach(selection ? [selectionRef(work, selection)] : []);
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.attachNotebook, {
      describedBy: NO_ARGS,
      label: trans.__('Attach the Notebook to the Agent'),
      caption: trans.__('Attach the whole notebook'),
      icon: agentIcon,
      isEnabled: () => work.notebook !== null,
      execute: () => {
        const panel = work.notebook;
        return attach(panel ? [fileRef(work, panel.context.path)] : []);
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.attachFile, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: {
              type: 'string',
              description: trans.__(
                'Path of the file; without it the chosen ones'
              )
            },
            here: {
              type: 'boolean',
              description: trans.__(
                'Whether the file that is edited is meant, whatever is chosen in the file browser'
              )
            }
          }
        }
      },
      label: trans.__('Attach File to the Agent'),
      caption: trans.__('Attach the chosen files, or the one that is edited'),
      icon: agentIcon,
      isEnabled: args =>
        typeof args.path === 'string' ||
        (args.here ? work.editor !== null : files().length > 0),
      execute: args => {
        if (typeof args.path === 'string') {
          return attach([fileRef(work, args.path)]);
        }
        if (args.here) {
          return attach(
            work.editor ? [fileRef(work, work.editor.context.path)] : []
          );
        }
        return attach(files());
      }
    })
  );
  return added;
}
