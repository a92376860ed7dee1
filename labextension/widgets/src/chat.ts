/** The chat in a cell's output. */
import { Commands, type IOutcome } from './commands';
import {
  action,
  button,
  div,
  hideSaved,
  keepKeys,
  scheduler,
  setText,
  span
} from './dom';
import { applyDelta, entries, merge, type IEntry } from './live';
import { Growing } from './markdown';
import type {
  Block,
  ChatCommand,
  FromKernel,
  IChatTraits,
  ILive,
  IMessage,
  IModel,
  IRenderContext
} from './wire';
import * as wording from './wording';

type Model = IModel<IChatTraits>;

const SYNC_MS = 1000;
const PENDING_MS = 3000;

/** What all views of one widget share: the turn that runs, and what was typed. */
class Store {
  constructor(private _model: Model) {
    this.live = _model.get('_live');
    _model.on('change:_live', () => {
      this.live = merge(this.live, this._model.get('_live'));
      this._tell();
    });
    _model.on('msg:custom', content => {
      const message = content as FromKernel;
      if (message.type !== 'delta') {
        return;
      }
      const { live, gap } = applyDelta(this.live, message);
      this.live = live;
      // Without a turn here this is the end of one that is over.
      if (gap && this._model.get('running')) {
        this._sync();
      }
      this._tell();
    });
    if (this.live !== null) {
      // What came between this state and now.
      this._sync();
    }
  }

  live: ILive | null;
  draft = '';
  readonly views = new Set<() => void>();

  private _sync(): void {
    const now = Date.now();
    if (now - this._askedAt > SYNC_MS) {
      this._askedAt = now;
      this._model.send({ type: 'sync', id: `sync-${now}` });
    }
  }

  private _tell(): void {
    for (const draw of this.views) {
      draw();
    }
  }

  private _askedAt = 0;
}

const stores = new Map<string, Store>();

function storeOf(model: Model): Store {
  const uid = model.get('_uid');
  let store = stores.get(uid);
  if (!store) {
    store = new Store(model);
    stores.set(uid, store);
  }
  return store;
}

/** One message on the screen. */
class EntryView {
  readonly node = document.createElement('article');

  constructor(
    role: IEntry['role'],
    private _retry: () => void,
    private _decide: Decide
  ) {
    const names = { user: 'You', assistant: 'Agent', system: 'Summary' };
    this.node.className = `jaw-message jaw-${role}`;
    this.node.setAttribute('aria-label', names[role]);
    const head = div('jaw-head');
    head.append(span('jaw-who', names[role]), this._about);
    this.node.append(head, this._body, this._foot);
  }

  show(entry: IEntry, last: boolean): void {
    const { message } = entry;
    this.node.setAttribute('aria-busy', String(entry.running));
    setText(this._about, about(entry));
    entry.blocks.forEach((block, at) => this._showBlock(entry, block, at));
    for (const extra of this._blocks.splice(entry.blocks.length)) {
      extra.node.remove();
    }
    const foot = JSON.stringify([
      message?.stop_reason,
      message?.error,
      message?.usage,
      entry.running,
      last
    ]);
    if (foot !== this._footOf) {
      this._footOf = foot;
      this._foot.replaceChildren(...this._footParts(entry, last));
    }
  }

  private _showBlock(entry: IEntry, block: Block, at: number): void {
    let drawn = this._blocks[at];
    if (drawn?.kind !== block.kind) {
      drawn?.node.remove();
      drawn = drawBlock(entry.role, block, this._decide);
      this._blocks[at] = drawn;
      this._body.insertBefore(drawn.node, this._body.children[at] ?? null);
    }
    drawn.show(block);
  }

  private _footParts(entry: IEntry, last: boolean): HTMLElement[] {
    const { message } = entry;
    if (entry.running) {
      const working = div('jaw-working');
      working.append(span('jaw-dot'), span('', 'Working'));
      return [working];
    }
    if (!message) {
      return [];
    }
    const parts: HTMLElement[] = [];
    const reason = message.stop_reason;
    if (message.error || (reason && reason !== 'completed')) {
      const isError = message.error !== null;
      const outcome = div(`jaw-outcome ${isError ? 'jaw-error' : 'jaw-warn'}`);
      outcome.append(div('jaw-strong', wording.stopped(reason ?? 'error')));
      if (message.error) {
        outcome.append(div('', message.error));
      }
      if (last) {
        outcome.append(action('Try again', this._retry));
      }
      parts.push(outcome);
    }
    const numbers = numbersOf(message);
    if (numbers) {
      parts.push(div('jaw-numbers', numbers));
    }
    return parts;
  }

  private _about = span('jaw-about');
  private _blocks: IDrawnBlock[] = [];
  private _body = div('jaw-body');
  private _foot = div('jaw-foot');
  private _footOf = '';
}

interface IDrawnBlock {
  kind: Block['kind'];
  node: HTMLElement;
  show(block: Block): void;
}

type Decide = (approvalId: string, approve: boolean) => void;

/** A call that waits for a person: what it would do, and the two answers. */
function drawQuestion(decide: Decide): {
  node: HTMLElement;
  show(approval: string | null, question: string): void;
} {
  const node = div('jaw-question');
  const text = document.createElement('pre');
  text.tabIndex = 0;
  let asked: string | null = null;
  const answer = (approve: boolean) => () => {
    if (asked !== null) {
      decide(asked, approve);
    }
  };
  const answers = div('jaw-answers');
  answers.append(
    action('Allow', answer(true)),
    action('Do not allow', answer(false))
  );
  node.append(div('jaw-strong', 'The agent asks before it does this'));
  node.append(text, answers);
  return {
    node,
    show: (approval, question) => {
      asked = approval || null;
      node.hidden = !approval;
      setText(text, question);
    }
  };
}

function drawTool(decide: Decide): IDrawnBlock {
  const node = div('jaw-tool');
  const fold = document.createElement('details');
  const summary = document.createElement('summary');
  const pre = document.createElement('pre');
  pre.tabIndex = 0;
  fold.className = 'jaw-fold';
  fold.append(summary, pre);
  const question = drawQuestion(decide);
  node.append(fold, question.node);
  return {
    kind: 'tool',
    node,
    show: next => {
      if (next.kind !== 'tool') {
        return;
      }
      setText(
        summary,
        [next.name, wording.TOOL_STATES[next.state]].filter(Boolean).join(' · ')
      );
      setText(
        pre,
        `${JSON.stringify(next.args, null, 2)}\n\n${next.text}`.trim()
      );
      question.show(next.approval, next.question);
    }
  };
}

function drawBlock(
  role: IEntry['role'],
  block: Block,
  decide: Decide
): IDrawnBlock {
  if (block.kind === 'tool') {
    return drawTool(decide);
  }
  if (block.kind === 'text' && role !== 'user') {
    const growing = new Growing();
    return {
      kind: 'text',
      node: growing.node,
      show: next => growing.show(next.text)
    };
  }
  if (block.kind === 'text' || block.kind === 'guidance') {
    const node = div(block.kind === 'text' ? 'jaw-plain' : 'jaw-guidance');
    return {
      kind: block.kind,
      node,
      show: next => setText(node, next.text)
    };
  }
  const node = document.createElement('details');
  const summary = document.createElement('summary');
  const pre = document.createElement('pre');
  pre.tabIndex = 0;
  node.className = 'jaw-fold';
  node.append(summary, pre);
  return {
    kind: block.kind,
    node,
    show: next => {
      setText(summary, 'Thinking');
      if (next.kind !== 'tool') {
        setText(pre, next.text);
      }
    }
  };
}

function about(entry: IEntry): string {
  const model = entry.model ?? '';
  const attached = entry.message?.attachments ?? [];
  return [model.slice(model.indexOf('/') + 1), ...attached]
    .filter(Boolean)
    .join(' · ');
}

function numbersOf(message: IMessage): string {
  if (message.role !== 'assistant' || !message.usage) {
    return '';
  }
  const { usage, cost, duration_ms } = message;
  const tokens = usage.input + usage.output;
  return [
    tokens ? `${wording.count(tokens)} tokens` : '',
    cost === null ? '' : wording.money(Number(cost)),
    duration_ms === null ? '' : wording.seconds(duration_ms)
  ]
    .filter(Boolean)
    .join(' · ');
}

class ChatView {
  constructor(
    private _model: Model,
    el: HTMLElement
  ) {
    this._store = storeOf(_model);
    this._commands = new Commands<ChatCommand>(
      command => this._model.send(command),
      () => this._drawing.ask()
    );
    this._build();
    el.append(this._root);
    _model.on('msg:custom', this._onMessage);
    for (const name of CHANGES) {
      _model.on(`change:${name}`, this._onChange);
    }
    this._store.views.add(this._onChange);
    this._draw();
    this._log.scrollTop = this._log.scrollHeight;
  }

  dispose(): void {
    this._model.off('msg:custom', this._onMessage);
    for (const name of CHANGES) {
      this._model.off(`change:${name}`, this._onChange);
    }
    this._store.views.delete(this._onChange);
    this._drawing.cancel();
    this._commands.dispose();
    clearTimeout(this._pendingTimer);
  }

  private _build(): void {
    const root = this._root;
    root.className = 'jaw jaw-chat jp-agent-widget';
    root.setAttribute('role', 'region');
    root.setAttribute('aria-label', 'Agent chat in the notebook');
    keepKeys(root);
    root.addEventListener('keydown', event => {
      if (event.key === 'Escape' && this._model.get('running')) {
        event.preventDefault();
        this._stop();
      }
    });

    const header = div('jaw-header');
    header.append(
      this._title,
      this._sum,
      button('New conversation', 'new', () => {
        void this._run({ type: 'new' });
        this._box.focus();
      })
    );

    this._log.tabIndex = 0;
    this._log.setAttribute('role', 'region');
    this._log.setAttribute('aria-label', 'Conversation');
    this._log.style.maxHeight = this._model.get('_height');
    this._log.append(this._empty, this._earlier, this._list);
    this._empty.append(
      div('jaw-strong', 'Ask the agent'),
      div(
        '',
        'The answer appears here. The same conversation is in the side panel.'
      )
    );

    const composer = div('jaw-composer');
    this._box.rows = 1;
    this._box.placeholder = 'Ask the agent';
    this._box.setAttribute('aria-label', 'Message to the agent');
    this._box.value = this._store.draft;
    this._box.addEventListener('input', () => {
      this._store.draft = this._box.value;
      this._grow();
      this._drawing.ask();
    });
    this._box.addEventListener('keydown', event => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this._sendDraft();
      }
    });
    this._send = button('Send (Enter)', 'send', () => this._sendDraft());
    this._stopper = button('Stop (Esc)', 'stop', () => this._stop());
    composer.append(this._box, this._send, this._stopper);

    this._spoken.setAttribute('role', 'status');
    this._banner.setAttribute('role', 'status');
    this._note.setAttribute('role', 'status');
    root.append(
      header,
      this._log,
      this._banner,
      composer,
      this._note,
      this._spoken
    );
  }

  private _draw(): void {
    const model = this._model;
    const running = model.get('running');
    const live = this._store.live;
    const messages = model.get('messages');
    const log = this._log;
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 24;

    setText(this._title, model.get('title') || 'Agent chat');
    this._title.title = model.get('title');
    const cost = model.get('cost');
    const usage = model.get('usage');
    const tokens = (usage.input ?? 0) + (usage.output ?? 0);
    setText(
      this._sum,
      [
        tokens ? `${wording.count(tokens)} tokens` : '',
        cost === null ? '' : wording.money(cost)
      ]
        .filter(Boolean)
        .join(' · ')
    );

    const shown = entries(messages, live);
    if (this._pending !== null) {
      shown.push({
        key: 'pending',
        role: 'user',
        model: null,
        blocks: [{ kind: 'text', text: this._pending }],
        message: null,
        running: false
      });
    }
    this._drawEntries(shown);
    this._empty.hidden = shown.length > 0;
    const earlier = model.get('_earlier');
    this._earlier.hidden = earlier === 0;
    setText(this._earlier, `${earlier} earlier messages are in the side panel`);

    this._drawBanner();
    setText(
      this._note,
      this._commands.waiting
        ? wording.BUSY
        : this._notice || (running ? 'What you send now guides this turn.' : '')
    );
    this._stopper.hidden = !running;
    this._send.disabled = !this._box.value.trim();
    this._box.placeholder = running
      ? 'Guide the running turn'
      : 'Ask the agent';
    this._speak(running, messages);
    if (follows) {
      log.scrollTop = log.scrollHeight;
    }
  }

  private _drawEntries(shown: readonly IEntry[]): void {
    const keys = new Set(shown.map(entry => entry.key));
    for (const [key, view] of this._entries) {
      if (!keys.has(key)) {
        view.node.remove();
        this._entries.delete(key);
      }
    }
    shown.forEach((entry, at) => {
      let view = this._entries.get(entry.key);
      if (!view) {
        view = new EntryView(
          entry.role,
          () => void this._run({ type: 'retry' }),
          (approval_id, approve) =>
            void this._run({ type: 'decide', approval_id, approve })
        );
        this._entries.set(entry.key, view);
      }
      if (this._list.children[at] !== view.node) {
        this._list.insertBefore(view.node, this._list.children[at] ?? null);
      }
      view.node.classList.toggle('jaw-pending', entry.key === 'pending');
      view.show(entry, at === shown.length - 1);
    });
  }

  private _drawBanner(): void {
    const error = this._failure || this._model.get('error');
    const offline = this._model.get('connection') === 'offline';
    const text = offline
      ? `${wording.OFFLINE} ${this._model.get('_connection_reason')}`
      : error;
    this._banner.hidden = !text;
    this._banner.className = `jaw-banner ${offline ? 'jaw-warn' : 'jaw-error'}`;
    setText(this._banner, text);
  }

  /** Says when an answer begins and when it is there; not every word of it. */
  private _speak(running: boolean, messages: readonly IMessage[]): void {
    if (running !== this._spokeOf) {
      const last = messages[messages.length - 1];
      if (this._spokeOf !== null) {
        setText(
          this._spoken,
          running
            ? 'The agent is answering.'
            : last?.role === 'assistant'
              ? `The agent has answered: ${last.text.slice(0, 300)}`
              : 'The agent has stopped.'
        );
      }
      this._spokeOf = running;
    }
  }

  private _sendDraft(): void {
    const text = this._box.value.trim();
    if (!text) {
      return;
    }
    const guides = this._model.get('running');
    this._setDraft('');
    if (!guides) {
      this._pending = text;
    }
    this._log.scrollTop = this._log.scrollHeight;
    void this._run({ type: 'send', text }).then(outcome => {
      if (!outcome.ok) {
        this._pending = null;
        if (!this._box.value) {
          this._setDraft(text);
        }
      } else if (!this._pendingIsThere()) {
        // The list of messages follows at once.
        this._pendingTimer = setTimeout(() => {
          this._pending = null;
          this._drawing.ask();
        }, PENDING_MS);
      }
      this._drawing.ask();
    });
  }

  /** Whether what was sent is among the messages; then it is no longer pending. */
  private _pendingIsThere(): boolean {
    const messages = this._model.get('messages');
    const mine = [...messages].reverse().find(item => item.role === 'user');
    if (this._pending !== null && mine?.text.trim() === this._pending) {
      this._pending = null;
    }
    return this._pending === null;
  }

  private _stop(): void {
    void this._run({ type: 'stop' });
  }

  private async _run(command: ChatCommand): Promise<IOutcome> {
    this._failure = this._notice = '';
    const outcome = await this._commands.run(command);
    if (outcome.ok) {
      this._notice = outcome.message;
    } else {
      this._failure = outcome.message;
    }
    this._drawing.ask();
    return outcome;
  }

  private _setDraft(text: string): void {
    this._box.value = this._store.draft = text;
    this._grow();
    this._drawing.ask();
  }

  private _grow(): void {
    this._box.style.height = 'auto';
    this._box.style.height = `${Math.min(160, this._box.scrollHeight + 2)}px`;
  }

  private _onMessage = (content: unknown): void => {
    this._commands.take(content as FromKernel);
  };

  private _onChange = (): void => {
    if (this._pending !== null && !this._commands.busy) {
      this._pendingIsThere();
    }
    this._drawing.ask();
  };

  private _banner = div('jaw-banner');
  private _box = document.createElement('textarea');
  private _commands: Commands<ChatCommand>;
  private _drawing = scheduler(() => this._draw());
  private _earlier = div('jaw-earlier');
  private _empty = div('jaw-empty');
  private _entries = new Map<string, EntryView>();
  private _failure = '';
  private _list = div('jaw-list');
  private _log = div('jaw-log');
  private _note = div('jaw-note');
  private _notice = '';
  private _pending: string | null = null;
  private _pendingTimer: ReturnType<typeof setTimeout> | undefined;
  private _root = document.createElement('div');
  private _send!: HTMLButtonElement;
  private _spokeOf: boolean | null = null;
  private _spoken = div('jaw-spoken');
  private _stopper!: HTMLButtonElement;
  private _store: Store;
  private _sum = span('jaw-sum');
  private _title = span('jaw-title');
}

const CHANGES = [
  'messages',
  'running',
  'cost',
  'usage',
  'title',
  'error',
  'connection',
  '_connection_reason',
  '_earlier'
];

export default {
  initialize({ model }: { model: Model }): () => void {
    const uid = model.get('_uid');
    storeOf(model);
    return () => {
      stores.delete(uid);
    };
  },

  render({ model, el }: IRenderContext<IChatTraits>): () => void {
    const style = hideSaved(model.get('_uid'));
    const view = new ChatView(model, el);
    return () => {
      view.dispose();
      style.remove();
    };
  }
};
