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
  const menu = new Menu({ commands });
  const usable = models.filter(model => model.available);
  // Not as menus in the menu: Lumino gives what opens one no role, and a screen reader does not name it.
  const providers = [...new Set(usable.map(model => model.provider))];
  providers.forEach((provider, at) => {
    if (at > 0) {
      menu.addItem({ type: 'separator' });
    }
    for (const model of usable) {
      if (model.provider === provider) {
        const command = `${provider}/${model.id}`;
        commands.addCommand(command, {
          label:
            providers.length > 1
              ? trans.__('%1 (%2)', model.name, model.provider_name)
              : model.name,
          describedBy: { args: { type: 'object', properties: {} } },
          execute: () => onPick({ provider, model: model.id })
        });
        menu.addItem({ command });
      }
    }
  });
  menu.addClass('jp-agent-Menu');
  menu.title.label = trans.__('Ask another model');
  menu.node.setAttribute('aria-label', menu.title.label);
  menu.aboutToClose.connect(() => {
    button.focus();
    // What was chosen runs after it is closed.
    setTimeout(() => menu.dispose(), 0);
  });
  const box = button.getBoundingClientRect();
  menu.open(box.left, box.bottom);
}
