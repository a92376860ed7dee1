/** What an agent can do with a cell: a button in the cell's toolbar, menus, keys. */
import { Notification } from '@jupyterlab/apputils';
import type { Cell, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { DisposableSet, type IDisposable } from '@lumino/disposable';
import { Menu } from '@lumino/widgets';
import { agentIcon } from '../icons';
import type { IAgentChat, IAgentClient } from '../tokens';
import type { Changes } from './changes';
import { cellRef } from './refs';
import type { Workspace } from './workspace';

export const CellCommandIDs = {
  edit: 'agent:edit-cell',
  explain: 'agent:explain-cell',
  fix: 'agent:fix-cell',
  test: 'agent:add-tests',
  document: 'agent:document-cell',
  accept: 'agent:accept-change',
  reject: 'agent:reject-change',
  show: 'agent:show-change',
  next: 'agent:next-change',
  previous: 'agent:previous-change',
  acceptAll: 'agent:accept-all-changes',
  rejectAll: 'agent:reject-all-changes'
} as const;

/** Opens the menu of the button in the cell's toolbar; of no use in the palette. */
const MENU = 'agent:cell-menu';

const NO_ARGS = { args: { type: 'object', properties: {} } };

/** Whether a cell shows an error. */
export function hasError(cell: Cell): boolean {
  if (cell.model.type !== 'code') {
    return false;
  }
  const { outputs } = cell.model as ICodeCellModel;
  for (let index = 0; index < outputs.length; index++) {
    if (outputs.get(index).type === 'error') {
      return true;
    }
  }
  return false;
}

export interface ICellActions {
  /** Asks the agent to fix a cell, in the chat. */
  fix: (panel: NotebookPanel, cell: Cell) => Promise<void>;
}

/** Adds the commands. */
export function addCellCommands(options: {
  commands: CommandRegistry;
  chat: IAgentChat;
  client: IAgentClient | null;
  changes: Changes | null;
  work: Workspace;
  trans: TranslationBundle;
}): ICellActions & IDisposable {
  const { commands, chat, client, changes, work, trans } = options;
  const added = new DisposableSet();

  const active = (): { panel: NotebookPanel; cell: Cell } | null => {
    const panel = work.notebook;
    const cell = panel?.content.activeCell;
    return panel && cell ? { panel, cell } : null;
  };
  const isCode = (): boolean => active()?.cell.model.type === 'code';

  const told = async (action: () => Promise<unknown>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      Notification.error(
        error instanceof Error ? error.message : String(error),
        { autoClose: 8_000 }
      );
    }
  };

  /** Sends a message about a cell, with the cell and its outputs. What is being written in the box stays there. */
  const ask = async (
    panel: NotebookPanel,
    cell: Cell,
    message: string
  ): Promise<void> => {
    const { readCell } = await import('./read');
    await chat.send(message, [
      await readCell(work, cellRef(work, panel, cell))
    ]);
  };

  const fix = (panel: NotebookPanel, cell: Cell): Promise<void> =>
    told(() =>
      ask(
        panel,
        cell,
        hasError(cell)
          ? trans.__('Fix the error in this cell.')
          : trans.__('Find what is wrong in this cell, and fix it.')
      )
    );

  const add = (
    id: string,
    label: string,
    caption: string,
    execute: (panel: NotebookPanel, cell: Cell) => Promise<unknown>,
    isEnabled: () => boolean
  ): void => {
    added.add(
      commands.addCommand(id, {
        describedBy: NO_ARGS,
        label,
        caption,
        icon: agentIcon,
        isEnabled: () => active() !== null && isEnabled(),
        execute: () => {
          const now = active();
          return now ? told(() => execute(now.panel, now.cell)) : undefined;
        }
      })
    );
  };

  add(
    CellCommandIDs.edit,
    trans.__('Edit Cell with a Prompt…'),
    trans.__('Say what shall change, and see the difference before it lands'),
    async (panel, cell) => {
      const { editWithPrompt } = await import('./prompt');
      await editWithPrompt(work, client!, panel, cell);
    },
    () => client !== null
  );
  add(
    CellCommandIDs.explain,
    trans.__('Explain Cell'),
    trans.__('Ask the agent in the chat what the cell does'),
    (panel, cell) =>
      ask(
        panel,
        cell,
        hasError(cell)
          ? trans.__('Explain this cell and its error.')
          : trans.__('Explain this cell.')
      ),
    () => true
  );
  add(
    CellCommandIDs.fix,
    trans.__('Fix Cell'),
    trans.__('Ask the agent in the chat to fix the cell'),
    fix,
    isCode
  );
  add(
    CellCommandIDs.test,
    trans.__('Add Tests for Cell'),
    trans.__('Ask the agent in the chat to test what the cell does'),
    (panel, cell) =>
      ask(
        panel,
        cell,
        trans.__('Add tests for this cell, in a new cell below it.')
      ),
    isCode
  );
  add(
    CellCommandIDs.document,
    trans.__('Document Cell'),
    trans.__('Ask the agent in the chat to document the cell'),
    (panel, cell) =>
      ask(
        panel,
        cell,
        trans.__(
          'Document this cell: docstrings and comments where they help. What it does stays as it is.'
        )
      ),
    isCode
  );

  const mark = () => {
    const now = active();
    return (now && changes?.of(now.panel)?.active) ?? null;
  };
  const marked = (): boolean => {
    const now = active();
    return ((now && changes?.of(now.panel)?.marks.length) ?? 0) > 0;
  };
  add(
    CellCommandIDs.accept,
    trans.__('Accept Change of Cell'),
    trans.__('Let what the agent changed in the cell stand'),
    async panel => changes!.of(panel)!.accept(mark()!),
    () => mark() !== null
  );
  add(
    CellCommandIDs.reject,
    trans.__('Reject Change of Cell'),
    trans.__('Put the cell back as it was before the agent changed it'),
    async panel => changes!.of(panel)!.reject(mark()!),
    () => mark() !== null
  );
  add(
    CellCommandIDs.show,
    trans.__('Show Change of Cell'),
    trans.__('Show what the agent changed in the cell, or hide it'),
    panel => Promise.resolve(changes!.of(panel)!.toggle(mark()!)),
    () => mark() !== null
  );
  add(
    CellCommandIDs.next,
    trans.__('Next Change of the Agent'),
    trans.__('Go to the next cell that the agent changed'),
    async panel => changes!.of(panel)!.go(1),
    marked
  );
  add(
    CellCommandIDs.previous,
    trans.__('Previous Change of the Agent'),
    trans.__('Go to the previous cell that the agent changed'),
    async panel => changes!.of(panel)!.go(-1),
    marked
  );
  add(
    CellCommandIDs.acceptAll,
    trans.__('Accept All Changes in the Notebook'),
    trans.__('Let everything stand that the agent changed in the notebook'),
    async panel => {
      const notebook = changes!.of(panel)!;
      await notebook.accept(...notebook.marks);
    },
    marked
  );
  add(
    CellCommandIDs.rejectAll,
    trans.__('Reject All Changes in the Notebook'),
    trans.__('Put every cell back as it was before the agent changed it'),
    async panel => {
      const notebook = changes!.of(panel)!;
      await notebook.reject(...notebook.marks);
    },
    marked
  );

  const menu = new Menu({ commands });
  added.add(menu);
  menu.addClass('jp-agent-Menu');
  for (const command of [
    CellCommandIDs.edit,
    CellCommandIDs.explain,
    CellCommandIDs.fix,
    CellCommandIDs.test,
    CellCommandIDs.document
  ]) {
    menu.addItem({ command });
  }
  added.add(
    commands.addCommand(MENU, {
      describedBy: NO_ARGS,
      label: trans.__('Agent'),
      caption: trans.__('What the agent can do with this cell'),
      icon: agentIcon,
      isEnabled: () => active() !== null,
      execute: () => {
        const cell = active()?.cell;
        const anchor =
          cell?.node.querySelector(`[data-command="${MENU}"]`) ?? cell?.node;
        const box = anchor?.getBoundingClientRect();
        if (box) {
          menu.open(box.left, box.bottom);
          menu.activeIndex = 0;
        }
      }
    })
  );
  return {
    fix,
    get isDisposed() {
      return added.isDisposed;
    },
    dispose: () => added.dispose()
  };
}
