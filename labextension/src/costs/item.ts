import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { INumbers } from '../charts/numbers';
import { costsIcon } from './icon';
import { scopeSpan, worst } from './budgets';
import type { AgentCosts } from './service';

/** What agents cost today, in the status bar; a click opens the dashboard. */
export class CostsItem extends Widget {
  constructor(options: {
    costs: AgentCosts;
    numbers: INumbers;
    trans: TranslationBundle;
    open: () => void;
  }) {
    super();
    // Looks as the agent's item beside it.
    this.addClass('jp-agent-StatusItem');
    this.addClass('jp-agent-CostsItem');
    this._costs = options.costs;
    this._numbers = options.numbers;
    this._trans = options.trans;
    this._button.type = 'button';
    this._button.onclick = options.open;
    costsIcon.element({
      container: this._button.appendChild(document.createElement('span')),
      stylesheet: 'statusBar'
    });
    this._button.appendChild(this._text);
    this.node.appendChild(this._button);
    this._costs.summaryChanged.connect(this._draw, this);
    this._draw();
  }

  private _draw = (): void => {
    const { summary } = this._costs;
    const trans = this._trans;
    if (!summary) {
      this._text.textContent = '';
      return;
    }
    const cost = this._numbers.money(summary.today.cost);
    const found = worst(summary.budgets);
    this._text.className = found ? 'jp-agent-Level' : '';
    this._text.dataset.level = found?.level ?? 'ok';
    this._text.textContent =
      found?.level === 'hard'
        ? trans.__('%1 today | Budget used up', cost)
        : found?.level === 'soft'
          ? trans.__('%1 today | Over the soft limit', cost)
          : trans.__('%1 today', cost);
    const { unpriced } = summary.today;
    const said = [
      trans.__('Agents cost %1 today.', cost),
      unpriced > 0
        ? trans._n(
            '%1 request has no known price.',
            '%1 requests have no known price.',
            unpriced
          )
        : '',
      found
        ? trans.__(
            '%1 of %2 are spent %3.',
            this._numbers.money(found.budget.spent ?? 0),
            this._numbers.money(
              (found.level === 'hard'
                ? found.budget.hard
                : found.budget.soft) ?? 0
            ),
            scopeSpan(found.budget.scope, trans)
          )
        : '',
      trans.__('Open the costs.')
    ];
    this._button.title = said.filter(Boolean).join(' ');
    this._button.setAttribute('aria-label', this._button.title);
  };

  private _button = document.createElement('button');
  private _costs: AgentCosts;
  private _numbers: INumbers;
  private _text = document.createElement('span');
  private _trans: TranslationBundle;
}
