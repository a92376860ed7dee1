/** Costs and budgets in a cell's output. */
import type {
  IBudgetState,
  ICostReport,
  IUsageSummary
} from '../../src/api/types';
import { stackedArea, swatch, table, type ISeries } from './charts';
import { div, element, hideSaved, redraw, setText, span } from './dom';
import {
  budgetName,
  nameOf,
  OTHERS,
  SERIES,
  shownCosts,
  type ISums
} from './money';
import { REST_HUE } from '../../src/charts/palette';
import { numbers, ObservedView } from './observed';
import type {
  CostsCommand,
  ICostsTraits,
  IModel,
  IRenderContext
} from './wire';

const PERIODS: Record<string, string> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
  '1y': 'Last year',
  all: 'All time'
};
const UNITS: Record<string, string> = {
  '1h': 'hour',
  '24h': 'hour',
  '7d': 'day',
  '30d': 'day',
  '90d': 'week',
  '1y': 'month',
  all: 'month'
};
const GROUPS: Record<string, string> = {
  model: 'By model',
  provider: 'By provider',
  session: 'By session',
  purpose: 'By purpose'
};
const SCOPES: Record<string, string> = {
  turn: 'Each turn',
  session: 'Each session',
  day: 'Each day',
  month: 'Each month',
  user: 'All you ever spend'
};
const STATES = { ok: 'within', soft: 'over the soft limit', hard: 'used up' };
const ROWS = 200;

/** A limit and how much of it is used, to scale and in words. */
function meter(budget: IBudgetState): HTMLElement {
  const fraction = budget.fraction;
  const node = div('jaw-meter');
  node.setAttribute('data-state', budget.state ?? 'ok');
  if (fraction === null) {
    return node;
  }
  const fill = div('jaw-meter-fill');
  fill.style.width = `${Math.min(100, 100 * fraction)}%`;
  node.append(fill);
  node.setAttribute('role', 'meter');
  node.setAttribute('aria-valuemin', '0');
  node.setAttribute('aria-valuemax', '100');
  node.setAttribute(
    'aria-valuenow',
    String(Math.min(100, Math.round(100 * fraction)))
  );
  node.setAttribute('aria-label', budgetName(budget));
  node.setAttribute('aria-valuetext', budgetText(budget));
  return node;
}

function budgetText(budget: IBudgetState): string {
  const limits = [
    budget.soft === null ? '' : `soft ${numbers.money(budget.soft)}`,
    budget.hard === null ? '' : `hard ${numbers.money(budget.hard)}`
  ]
    .filter(Boolean)
    .join(', ');
  if (budget.spent === null) {
    return limits;
  }
  const left =
    budget.left === null ? '' : `${numbers.money(budget.left)} left, `;
  return `${numbers.money(budget.spent)} spent (${limits}), ${left}${STATES[budget.state ?? 'ok']}`;
}

function budgetRow(budget: IBudgetState, ...more: Node[]): HTMLElement {
  return element(
    'li',
    { 'data-state': budget.state },
    span('jaw-name', budgetName(budget)),
    meter(budget),
    span('jaw-numbers', budgetText(budget)),
    ...more
  );
}

/** Where no price is known it is not said that it cost nothing. */
function costText(sums: ISums): string {
  if (sums.unpriced === 0) {
    return numbers.money(sums.cost);
  }
  return Number(sums.cost) === 0
    ? 'price not known'
    : `${numbers.money(sums.cost)} + ${sums.unpriced} without a known price`;
}

class CostsView extends ObservedView<ICostsTraits, CostsCommand> {
  constructor(model: IModel<ICostsTraits>, el: HTMLElement) {
    super(model, el, 'Costs of the agent', [
      'report',
      'summary',
      'budgets',
      'period',
      'by'
    ]);
    setText(this.title, 'Costs');
    this._period = select('Time', PERIODS, () => this._ask());
    this._group = select('Grouped by', GROUPS, () => this._ask());
    this.controls.append(this._period, this._group);
    this.body.append(this._box);
    this.drawing.ask();
  }

  protected override refresh(): void {
    void this.run({ type: 'refresh' });
  }

  protected override draw(): void {
    this._period.value = this.model.get('period');
    const by = this.model.get('by');
    this._group.value = by.find(one => one in GROUPS) ?? '';
    const report = this.model.get('report');
    const summary = this.model.get('summary');
    if (report.totals === undefined || summary.today === undefined) {
      redraw(this._box, this.nothing('Loading …'));
      return;
    }
    const whole = report as ICostReport;
    const shown = shownCosts(whole);
    const zone = whole.timezone;
    redraw(
      this._box,
      this._drawNumbers(summary as IUsageSummary),
      this._drawBudgets(),
      ...(whole.items.length === 0
        ? [div('jaw-empty', 'Nothing was asked in this time.')]
        : [
            this._drawChart(whole, shown),
            this._drawSeries(whole, shown),
            shown.unit === null ? null : this._drawRows(whole, shown, zone)
          ])
    );
  }

  private _drawNumbers(summary: IUsageSummary): HTMLElement {
    const one = (name: string, amount: string, about: string): HTMLElement =>
      element(
        'div',
        {},
        element('dt', {}, name),
        element('dd', {}, amount),
        element('dd', { class: 'jaw-numbers' }, about)
      );
    const about = (totals: IUsageSummary['today']): string =>
      [
        `${numbers.compact((totals.input ?? 0) + (totals.output ?? 0))} tokens`,
        totals.requests === 1
          ? '1 request'
          : `${numbers.count(totals.requests ?? 0)} requests`,
        totals.unpriced
          ? `${numbers.count(totals.unpriced)} without a known price`
          : ''
      ]
        .filter(Boolean)
        .join(', ');
    return element(
      'dl',
      { class: 'jaw-three' },
      one(
        'Today',
        numbers.money(summary.today.cost ?? '0'),
        about(summary.today)
      ),
      one(
        'This month',
        numbers.money(summary.month.cost ?? '0'),
        about(summary.month)
      ),
      one(
        'Left',
        summary.left === null ? '–' : numbers.money(summary.left),
        summary.left === null ? 'no hard limit is set' : 'until a hard limit'
      )
    );
  }

  private _drawBudgets(): HTMLElement | null {
    const budgets = this.model
      .get('budgets')
      .filter(one => one.spent !== null && one.fraction !== null);
    return budgets.length === 0
      ? null
      : element(
          'ul',
          { class: 'jaw-budgets', 'aria-label': 'Budgets' },
          ...budgets.map(one => budgetRow(one))
        );
  }

  private _drawChart(
    report: ICostReport,
    shown: ReturnType<typeof shownCosts>
  ): HTMLElement | null {
    const { buckets, unit } = shown;
    if (unit === null || buckets.length === 0) {
      return null;
    }
    const series: ISeries[] = shown.series
      .slice(0, SERIES)
      .map(one => ({ key: one.key, label: one.key, hue: one.hue }));
    if (shown.series.length > SERIES) {
      series.push({ key: OTHERS, label: OTHERS, hue: REST_HUE });
    }
    const isCost = shown.measure === 'cost';
    return stackedArea({
      label: `${isCost ? 'Cost' : 'Tokens'} by ${unit}`,
      buckets,
      series,
      formatValue: value =>
        isCost ? numbers.money(value) : numbers.compact(value),
      formatTime: time => numbers.span(time, unit, report.timezone),
      formatTimeTick: time => numbers.tick(time, unit, report.timezone)
    });
  }

  /** What the colors stand for, with the same numbers. */
  private _drawSeries(
    report: ICostReport,
    shown: ReturnType<typeof shownCosts>
  ): HTMLElement {
    const { totals } = report;
    const rows = shown.series.map(one => [
      element('span', { class: 'jaw-series' }, swatch(one.hue), one.key),
      numbers.count(one.requests),
      numbers.count(one.tokens),
      costText(one)
    ]);
    const sum = [
      'Sum',
      numbers.count(totals.requests ?? 0),
      numbers.count((totals.input ?? 0) + (totals.output ?? 0)),
      numbers.money(totals.cost ?? '0')
    ].map(text => span('jaw-strong', text));
    return table(
      'Costs',
      ['', 'Requests', 'Tokens', 'Cost'],
      [...rows, sum],
      [1, 2, 3]
    );
  }

  private _drawRows(
    report: ICostReport,
    shown: ReturnType<typeof shownCosts>,
    zone: string
  ): HTMLElement {
    const rows = report.items
      .slice(-ROWS)
      .map(row => [
        row.time === null
          ? ''
          : numbers.span(Date.parse(row.time), shown.unit!, zone),
        nameOf(row),
        numbers.count(row.requests ?? 0),
        numbers.count((row.input ?? 0) + (row.output ?? 0)),
        numbers.money(row.cost ?? '0')
      ]);
    const hidden = report.total - rows.length;
    return element(
      'details',
      { class: 'jaw-fold', 'data-key': 'rows' },
      element('summary', {}, `All numbers (${zone})`),
      table(
        'All numbers',
        ['', '', 'Requests', 'Tokens', 'Cost'],
        rows,
        [2, 3, 4]
      ),
      hidden > 0
        ? div(
            'jaw-numbers',
            `${numbers.count(hidden)} earlier rows: client.stats.costs().to_pandas()`
          )
        : null
    );
  }

  private _ask(): void {
    const period = this._period.value;
    const by = `${UNITS[period]},${this._group.value || 'model'}`;
    void this.run({ type: 'group', period, by });
  }

  private _box = div('jaw-sections');
  private _group: HTMLSelectElement;
  private _period: HTMLSelectElement;
}

class BudgetsView extends ObservedView<ICostsTraits, CostsCommand> {
  constructor(model: IModel<ICostsTraits>, el: HTMLElement) {
    super(model, el, 'Budgets of the agent', ['budgets', 'timezone']);
    setText(this.title, 'Budgets');
    this._scope = select('What the limit is for', SCOPES, () => this._fill());
    const form = element(
      'form',
      { class: 'jaw-form', 'aria-label': 'Set a limit' },
      this._scope,
      element('label', {}, 'soft $ ', this._soft),
      element('label', {}, 'hard $ ', this._hard),
      element('button', { type: 'submit', class: 'jaw-action' }, 'Save')
    );
    form.addEventListener('submit', event => {
      event.preventDefault();
      this._set(this._scope.value, '', this._soft.value, this._hard.value);
    });
    this.body.append(this._box, form);
    this.drawing.ask();
  }

  protected override refresh(): void {
    void this.run({ type: 'refresh' });
  }

  protected override draw(): void {
    const budgets = this.model.get('budgets');
    const zone = this.model.get('timezone');
    if (!zone) {
      redraw(this._box, this.nothing('Loading …'));
      return;
    }
    setText(this.sum, zone);
    this.sum.title = 'Days and months begin in this time zone.';
    redraw(
      this._box,
      budgets.length === 0
        ? div('jaw-empty', 'No limits are set.')
        : element(
            'ul',
            { class: 'jaw-budgets', 'aria-label': 'Budgets' },
            ...budgets.map(one => budgetRow(one, ...this._tools(one)))
          )
    );
  }

  private _tools(budget: IBudgetState): HTMLElement[] {
    if (budget.source === 'admin') {
      return [];
    }
    const session = budget.session_id ?? '';
    const key = `${budget.scope}-${session}`;
    const remove = element(
      'button',
      {
        type: 'button',
        class: 'jaw-action',
        'data-key': `remove-${key}`,
        'aria-label': `Remove the limit: ${budgetName(budget)}`
      },
      'Remove'
    );
    remove.addEventListener('click', () =>
      this._set(budget.scope, session, '', '')
    );
    if (session) {
      return [remove];
    }
    const change = element(
      'button',
      {
        type: 'button',
        class: 'jaw-action',
        'data-key': `change-${key}`,
        'aria-label': `Change the limit: ${budgetName(budget)}`
      },
      'Change'
    );
    change.addEventListener('click', () => {
      this._scope.value = budget.scope;
      this._fill();
      this._hard.focus();
      this._hard.select();
    });
    return [change, remove];
  }

  /** The form has what is set now. */
  private _fill(): void {
    const known = this.model
      .get('budgets')
      .find(
        one =>
          one.source === 'user' &&
          one.scope === this._scope.value &&
          one.session_id === null
      );
    this._soft.value = known?.soft ?? '';
    this._hard.value = known?.hard ?? '';
  }

  private _set(
    scope: string,
    session_id: string,
    soft: string,
    hard: string
  ): void {
    void this.run({ type: 'set', scope, session_id, soft, hard });
  }

  private _box = div('jaw-sections');
  private _hard = amountBox();
  private _scope: HTMLSelectElement;
  private _soft = amountBox();
}

function amountBox(): HTMLInputElement {
  return element('input', {
    class: 'jaw-input jaw-amount',
    type: 'text',
    inputmode: 'decimal',
    placeholder: 'none',
    maxlength: 20
  });
}

function select(
  label: string,
  options: Record<string, string>,
  changed: () => void
): HTMLSelectElement {
  const node = element(
    'select',
    { class: 'jaw-input', 'aria-label': label },
    ...Object.entries(options).map(([value, text]) =>
      element('option', { value }, text)
    )
  );
  node.addEventListener('change', changed);
  return node;
}

export default {
  render({ model, el }: IRenderContext<ICostsTraits>): () => void {
    const style = hideSaved(model.get('_uid'));
    const view =
      model.get('_view_kind') === 'budgets'
        ? new BudgetsView(model, el)
        : new CostsView(model, el);
    return () => {
      view.dispose();
      style.remove();
    };
  }
};
