import type { TranslationBundle } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import type { IModel } from '../../api/types';
import type { IChoice } from '../core';

/** Opens a menu of the models that can be used, by provider, at a button. */
export function openModelMenu(options: {
  button: HTMLElement;
  models: readonly IModel[];
  trans: TranslationBundle;
  onPick: (choice: IChoice) => void;
}): void {
  const { button, models, trans, onPick } = options;
  const commands = new CommandRegistry();
  const usable = models.filter(model => model.available);
  const providers = [...new Set(usable.map(model => model.provider))];
  const menuOf = (provider: string): Menu => {
    const menu = new Menu({ commands });
    for (const model of usable) {
      if (model.provider === provider) {
        const command = `${provider}/${model.id}`;
        commands.addCommand(command, {
          label: model.name,
          describedBy: { args: { type: 'object', properties: {} } },
          execute: () => onPick({ provider, model: model.id })
        });
        menu.addItem({ command });
      }
    }
    menu.title.label =
      usable.find(model => model.provider === provider)?.provider_name ??
      provider;
    return menu;
  };
  let menu: Menu;
  const [only] = providers;
  if (only !== undefined && providers.length === 1) {
    menu = menuOf(only);
  } else {
    menu = new Menu({ commands });
    for (const provider of providers) {
      menu.addItem({ type: 'submenu', submenu: menuOf(provider) });
    }
  }
  menu.addClass('jp-agent-Menu');
  menu.title.label = trans.__('Try again with another model');
  menu.node.setAttribute('aria-label', menu.title.label);
  menu.aboutToClose.connect(() => {
    button.focus();
    // What was chosen runs after it is closed.
    setTimeout(() => menu.dispose(), 0);
  });
  const box = button.getBoundingClientRect();
  menu.open(box.left, box.bottom);
}
