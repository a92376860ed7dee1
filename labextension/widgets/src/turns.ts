/** A turn in a cell's output: what the model saw, what happened when, tips, a grade. Or its timeline alone. */
import { hueAt } from '../../src/charts/palette';
import type {
  ContextPart,
  IContextItem,
  IContextSnapshot,
  ISpan,
  ITrace,
  ITurn
} from '../../src/api/types';
import { stackedBar, swatch, table, timeline } from './charts';
import { div, element, hideSaved, redraw, setText, span } from './dom';
import { numbers, ObservedView } from './observed';
import type {
  FromKernel,
  IModel,
  IRenderContext,
  ITurnTraits,
  TurnCommand
} from './wire';
import * as wording from './wording';

const TICK_MS = 500;

const PARTS: Record<ContextPart, string> = {
  system_prompt: 'Instructions',
  memory: 'Memory',
  skills: 'Skills',
  knowledge: 'Knowledge',
  tools: 'Tools',
  notebook: 'Notebook',
  attachments: 'Attachments',
  history: 'History',
  message: 'Message',
  steps: 'Steps so far'
};
const ORDER = Object.keys(PARTS) as ContextPart[];

const SPAN_HUES: Record<ISpan['kind'], number> = {
  turn: 9,
  queue: 9,
  request: 0,
  tool: 2,
  approval: 1,
  client: 3,
  compaction: 4
};

const SEVERITIES = { critical: 'Critical', warning: 'Warning', info: 'Note' };

const SOURCES = {
  provider: 'counted by the provider',
  tokenizer: 'counted here',
  estimate: 'an estimate'
};

function sumLine(of: Pick<ITurn, 'usage'>, ms: number | null): string {
  const tokens = of.usage.input + of.usage.output;
  return [
    tokens ? `${wording.count(tokens)} tokens` : '',
    of.usage.cost === null ? '' : numbers.money(of.usage.cost),
    ms === null ? '' : wording.seconds(ms)
  ]
    .filter(Boolean)
    .join(' · ');
}

/** What happened when, as the timeline draws it. */
function drawTimeline(trace: ITrace, seenAt: number): HTMLElement {
  const spans = trace.spans.map(one => {
    const failed = one.status === 'error';
    const took =
      one.duration_ms === null ? 'runs' : wording.took(one.duration_ms);
    return {
      id: one.id,
      parentId: one.parent_id,
      start: Date.parse(one.started_at),
      end: one.finished_at === null ? null : Date.parse(one.finished_at),
      label: one.name,
      hue: SPAN_HUES[one.kind] ?? 9,
      failed,
      text: failed
        ? [took, 'failed', one.message].filter(Boolean).join(' · ')
        : took
    };
  });
  // The server's clock is not this one's: what was last seen of it, and how long that is ago.
  const known = Math.max(...spans.map(one => one.end ?? one.start));
  const now = known + (performance.now() - seenAt);
  return timeline('What happened when', spans, now, ms => wording.took(ms));
}

class TraceView extends ObservedView<ITurnTraits, TurnCommand> {
  constructor(
    model: IModel<ITurnTraits>,
    el: HTMLElement,
    label = 'Timeline of a turn',
    changes: readonly (keyof ITurnTraits)[] = ['turn_id', 'trace', 'running']
  ) {
    super(model, el, label, changes);
    model.on('change:trace', this._seen);
    this._clock = setInterval(() => {
      if (model.get('running') && model.get('connection') === 'online') {
        this.drawTimeline();
      }
    }, TICK_MS);
    this.body.append(this.sections);
    this.drawing.ask();
  }

  override dispose(): void {
    clearInterval(this._clock);
    this.model.off('change:trace', this._seen);
    super.dispose();
  }

  protected override refresh(): void {
    void this.run({ type: 'refresh' });
  }

  protected override draw(): void {
    const trace = this.trace;
    if (trace === null) {
      setText(this.title, 'Trace');
      redraw(this.sections, this.nothing(this.waiting));
      return;
    }
    setText(this.title, trace.name || 'Trace');
    this.title.title = trace.name;
    setText(this.sum, sumLine(trace, trace.duration_ms));
    redraw(this.sections, this.state(trace.stop_reason), this.timelineBox);
    this.drawTimeline();
  }

  protected get waiting(): string {
    return this.model.get('turn_id') ? 'Loading …' : 'No turn was chosen.';
  }

  protected get trace(): ITrace | null {
    const trace = this.model.get('trace');
    return trace.spans === undefined ? null : (trace as ITrace);
  }

  protected drawTimeline(): void {
    const trace = this.trace;
    if (trace !== null && trace.spans.length > 0) {
      redraw(this.timelineBox, drawTimeline(trace, this._seenAt));
    }
  }

  /** Whether it runs, and where it stopped before its end why. */
  protected state(reason: string | null): HTMLElement | null {
    if (this.model.get('running')) {
      const working = div('jaw-working');
      working.append(span('jaw-dot'), span('', 'Working'));
      return working;
    }
    return reason === null || reason === 'completed'
      ? null
      : div('jaw-outcome jaw-warn', wording.stopped(reason));
  }

  protected readonly sections = div('jaw-sections');
  protected readonly timelineBox = div('jaw-timeline-box');

  private _seen = (): void => {
    this._seenAt = performance.now();
  };

  private _clock: ReturnType<typeof setInterval>;
  private _seenAt = performance.now();
}

class InspectorView extends TraceView {
  constructor(model: IModel<ITurnTraits>, el: HTMLElement) {
    super(model, el, 'Inspector of a turn', [
      'turn_id',
      'turn',
      'context',
      'trace',
      'tips',
      'selection',
      'grade',
      'running'
    ]);
    model.on('change:turn_id', this._another);
  }

  override dispose(): void {
    this.model.off('change:turn_id', this._another);
    super.dispose();
  }

  protected override draw(): void {
    const turn = this.model.get('turn');
    if (turn.usage === undefined) {
      setText(this.title, 'Turn');
      setText(this.sum, '');
      redraw(this.sections, this.nothing(this.waiting));
      return;
    }
    const whole = turn as ITurn;
    const trace = this.trace;
    setText(this.title, whole.message || 'Turn');
    this.title.title = whole.message;
    setText(this.sum, sumLine(whole, trace?.duration_ms ?? null));
    redraw(
      this.sections,
      this.state(whole.stop_reason),
      whole.error ? div('jaw-outcome jaw-error', whole.error.message) : null,
      this._drawChoice(whole),
      ...this._drawContext(),
      heading('What happened when'),
      this.timelineBox,
      ...this._drawTips(),
      this._drawGrade()
    );
    this.drawTimeline();
  }

  protected override take(message: FromKernel): void {
    if (message.type === 'contents') {
      this._contents.set(message.request_id, message.items);
      this.drawing.ask();
    }
    super.take(message);
  }

  // -- what the model saw

  private _drawContext(): (Element | null)[] {
    const snapshots = this.model.get('context');
    const snapshot =
      snapshots.find(one => one.id === this._request) ??
      snapshots[snapshots.length - 1];
    const title = heading('What the model saw');
    if (snapshot === undefined) {
      const none = this.model.get('running')
        ? 'This is here as soon as the model has answered once.'
        : 'Nothing was recorded of it.';
      return [title, div('jaw-empty', none)];
    }
    const room = snapshot.budget ?? snapshot.context_window;
    const free = room === null ? 0 : Math.max(0, room - snapshot.total);
    const there = ORDER.filter(part => (snapshot.tokens[part] ?? 0) > 0);
    const share = (tokens: number): string =>
      numbers.percent(tokens / Math.max(1, snapshot.total), 1);
    const bar = stackedBar({
      label: `Context: ${numbers.count(snapshot.total)} tokens by part`,
      picked: this._part,
      pick: part => this._pick(snapshot, part as ContextPart),
      parts: [
        ...there.map(part => ({
          key: part,
          label: `${PARTS[part]}: ${numbers.count(snapshot.tokens[part]!)} tokens, ${share(snapshot.tokens[part]!)}`,
          value: snapshot.tokens[part]!,
          hue: hueAt(ORDER.indexOf(part))
        })),
        {
          key: 'free',
          label: `Free: ${numbers.count(free)} tokens`,
          value: free,
          hue: 9,
          empty: true
        }
      ]
    });
    const rows = there.map(part => {
      const open = element(
        'button',
        {
          type: 'button',
          class: 'jaw-pick',
          'data-key': `row-${part}`,
          'aria-expanded': String(this._part === part)
        },
        swatch(hueAt(ORDER.indexOf(part))),
        PARTS[part]
      );
      open.addEventListener('click', () => this._pick(snapshot, part));
      const tokens = snapshot.tokens[part]!;
      return [open, numbers.count(tokens), share(tokens)];
    });
    const total = `${numbers.count(snapshot.total)} tokens${
      room === null ? '' : ` of ${numbers.count(room)}`
    }, ${SOURCES[snapshot.source]}`;
    const line = div('jaw-line-of');
    line.append(this._drawChooser(snapshots, snapshot), span('', total));
    return [
      title,
      line,
      bar,
      table('Tokens by part', ['Part', 'Tokens', 'Share'], rows, [1, 2]),
      this._drawPart(snapshot),
      ...this._drawNotes(snapshot)
    ];
  }

  private _drawChooser(
    snapshots: readonly IContextSnapshot[],
    chosen: IContextSnapshot
  ): Node {
    const name = (one: IContextSnapshot): string =>
      `Request ${one.step + 1}${one.purpose === 'turn' ? '' : ` (${one.purpose})`}`;
    if (snapshots.length < 2) {
      return span('', `${name(chosen)}: `);
    }
    const choice = element(
      'select',
      {
        class: 'jaw-input',
        'aria-label': 'Model request',
        'data-key': 'request'
      },
      ...snapshots.map(one =>
        element(
          'option',
          { value: one.id, selected: one === chosen },
          `${name(one)} of ${snapshots.length}`
        )
      )
    );
    choice.addEventListener('change', () => {
      this._request = choice.value;
      if (this._part !== null) {
        this._ask(choice.value);
      }
      this.drawing.ask();
    });
    return choice;
  }

  /** What was sent of the chosen part, word for word. */
  private _drawPart(snapshot: IContextSnapshot): HTMLElement | null {
    const part = this._part;
    if (part === null || !snapshot.tokens[part]) {
      return null;
    }
    const items = this._contents.get(snapshot.id);
    const close = element(
      'button',
      { type: 'button', class: 'jaw-action', 'data-key': 'close-part' },
      'Close'
    );
    close.addEventListener('click', () => {
      this._part = null;
      this.drawing.ask();
      this.root.querySelector<HTMLElement>(`[data-key="row-${part}"]`)?.focus();
    });
    const head = div('jaw-line-of');
    head.append(span('jaw-strong', `Sent: ${PARTS[part]}`), close);
    return element(
      'div',
      {
        class: 'jaw-sent',
        role: 'region',
        'aria-label': `What was sent: ${PARTS[part]}`
      },
      head,
      ...(items === undefined
        ? [div('jaw-empty', 'Loading …')]
        : sent(items, part))
    );
  }

  private _pick(snapshot: IContextSnapshot, part: ContextPart): void {
    this._part = this._part === part ? null : part;
    if (this._part !== null) {
      this._ask(snapshot.id);
    }
    this.drawing.ask();
  }

  private _ask(request_id: string): void {
    if (!this._contents.has(request_id)) {
      void this.run({ type: 'contents', request_id });
    }
  }

  private _drawNotes(snapshot: IContextSnapshot): HTMLElement[] {
    const { compaction } = snapshot;
    const notes = snapshot.left_out.map(
      one =>
        `Left out: ${one.count} × ${one.what.replace('_', ' ')}, ${numbers.count(one.tokens)} tokens (${one.reason})`
    );
    if (compaction !== null) {
      notes.push(
        `Made shorter (${compaction.strategy}): ${numbers.count(compaction.before)} to ${numbers.count(compaction.after)} tokens`
      );
    }
    const cached = snapshot.cache.read ?? 0;
    if (cached > 0) {
      notes.push(`From the provider’s cache: ${numbers.count(cached)} tokens`);
    }
    return notes.map(note => div('jaw-numbers', note));
  }

  // -- why this model, tips, grade

  private _drawChoice(turn: ITurn): HTMLElement {
    const choices = this.model.get('selection');
    const model = [turn.provider, turn.model].filter(Boolean).join('/');
    if (choices.length === 0) {
      return div('jaw-numbers', model);
    }
    const last = choices[choices.length - 1]!;
    const rows = choices.flatMap(choice =>
      choice.candidates.map(one => [
        `${one.provider}/${one.model}`,
        typeof one.score === 'number' ? numbers.decimal(one.score, 2) : '',
        one.available ? one.reason : `not available. ${one.reason}`
      ])
    );
    return element(
      'details',
      { class: 'jaw-fold', 'data-key': 'choice' },
      element('summary', {}, `${model}: ${last.reason}`),
      ...choices
        .slice(0, -1)
        .map(one =>
          div('', `Before: ${one.provider}/${one.model}, ${one.reason}`)
        ),
      rows.length > 0
        ? table('Models to choose from', ['Model', 'Score', ''], rows, [1])
        : null
    );
  }

  private _drawTips(): HTMLElement[] {
    const tips = this.model.get('tips');
    if (tips.length === 0) {
      return [];
    }
    const list = element(
      'ul',
      { class: 'jaw-tips' },
      ...tips.map(tip =>
        element(
          'li',
          { 'data-severity': tip.severity },
          span('jaw-strong', `${SEVERITIES[tip.severity]}: `),
          `${tip.message} `,
          span('jaw-about', tip.suggestion)
        )
      )
    );
    return [heading('Tips'), list];
  }

  private _drawGrade(): HTMLElement | null {
    if (this.model.get('running')) {
      return null;
    }
    const given = this.model.get('grade');
    const group = element('div', {
      class: 'jaw-grades',
      role: 'group',
      'aria-label': 'How good the answer is, 1 to 5'
    });
    const comment = element('input', {
      class: 'jaw-input',
      type: 'text',
      maxlength: 5000,
      placeholder: 'Comment',
      'aria-label': 'Comment to the grade',
      'data-key': 'comment',
      value: this.model.get('_comment')
    });
    const give = (grade: number): void => {
      void this.run({ type: 'grade', grade, comment: comment.value });
    };
    comment.addEventListener('keydown', event => {
      if (event.key === 'Enter' && !event.isComposing && given > 0) {
        give(given);
      }
    });
    group.append(span('', 'Your grade'));
    for (let grade = 1; grade <= 5; grade++) {
      const node = element(
        'button',
        {
          type: 'button',
          class: 'jaw-grade',
          'data-key': `grade-${grade}`,
          'aria-pressed': String(grade === given),
          title:
            grade === 1 ? '1: useless' : grade === 5 ? '5: just right' : false
        },
        String(grade)
      );
      node.addEventListener('click', () => give(grade));
      group.append(node);
    }
    group.append(comment);
    return group;
  }

  private _another = (): void => {
    this._contents.clear();
    this._part = null;
    this._request = '';
    this.drawing.ask();
  };

  /** What was sent, by request; never in a trait, so never saved. */
  private _contents = new Map<string, IContextItem[]>();
  private _part: ContextPart | null = null;
  private _request = '';
}

function sent(
  items: readonly IContextItem[],
  part: ContextPart
): HTMLElement[] {
  const wanted = items.filter(item => item.part === part);
  return wanted.map((item, index) => {
    const pre = element('pre', { tabindex: 0 }, item.content ?? '');
    return element(
      'details',
      {
        class: 'jaw-fold',
        'data-key': `item-${part}-${index}`,
        open: wanted.length === 1
      },
      element(
        'summary',
        {},
        `${item.title} · ${numbers.count(item.tokens)} ${item.tokens === 1 ? 'token' : 'tokens'}`
      ),
      pre
    );
  });
}

function heading(text: string): HTMLElement {
  return element('h4', { class: 'jaw-heading' }, text);
}

export default {
  render({ model, el }: IRenderContext<ITurnTraits>): () => void {
    const style = hideSaved(model.get('_uid'));
    const view =
      model.get('_view_kind') === 'trace'
        ? new TraceView(model, el)
        : new InspectorView(model, el);
    return () => {
      view.dispose();
      style.remove();
    };
  }
};
