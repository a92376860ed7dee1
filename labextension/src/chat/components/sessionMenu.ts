import type { TranslationBundle } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';

export interface ISessionActions {
  rename: () => void;
  branch: () => void;
  download: (format: 'md' | 'ipynb' | 'json') => void;
  insights: () => void;
  archive: () => void;
  remove: () => void;
}

/** Opens the menu of everything that can be done with a conversation of the list. */
export function openSessionMenu(options: {
  /** Has the focus again when it closes. */
  owner: HTMLElement;
  x: number;
  y: number;
  archived: boolean;
  actions: ISessionActions;
  trans: TranslationBundle;
}): void {
  const { owner, actions, trans } = options;
  const commands = new CommandRegistry();
  const menu = new Menu({ commands });
  const add = (label: string, execute: () => void) => {
    const command = `item-${menu.items.length}`;
    commands.addCommand(command, {
      label,
      describedBy: { args: { type: 'object', properties: {} } },
      execute
    });
    menu.addItem({ command });
  };
  add(trans.__('Rename'), actions.rename);
  add(trans.__('Branch'), actions.branch);
  add(
    options.archived
      ? trans.__('Take out of the archive')
      : trans.__('Archive'),
    actions.archive
  );
  add(trans.__('Insights'), actions.insights);
  menu.addItem({ type: 'separator' });
  add(trans.__('Export as Markdown'), () => actions.download('md'));
  add(trans.__('Export as Notebook'), () => actions.download('ipynb'));
  add(trans.__('Export as JSON'), () => actions.download('json'));
  menu.addItem({ type: 'separator' });
  add(trans.__('Delete'), actions.remove);
  menu.addClass('jp-agent-Menu');
  menu.node.setAttribute('aria-label', trans.__('Chat'));
  menu.aboutToClose.connect(() => {
    owner.focus();
    // What was chosen runs after it is closed.
    setTimeout(() => menu.dispose(), 0);
  });
  menu.open(options.x, options.y);
}
