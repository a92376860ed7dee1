/** The list of conversations in a cell's output. */
import { Commands } from './commands';
import { action, button, div, keepKeys, scheduler, setText, span } from './dom';
import type {
  FromKernel,
  IModel,
  IRenderContext,
  ISession,
  ISessionsTraits,
  SessionsCommand
} from './wire';
import * as wording from './wording';

type Model = IModel<ISessionsTraits>;

const SEARCH_MS = 250;
const CHANGES: (keyof ISessionsTraits)[] = [
  'value',
  'sessions',
  'total',
  'query',
  'archived',
  'error',
  'connection',
  '_connection_reason',
  '_undo'
];

function nameOf(session: ISession): string {
  return session.title || session.preview.slice(0, 80) || 'New conversation';
}

class SessionsView {
  constructor(
    private _model: Model,
    el: HTMLElement
  ) {
    this._commands = new Commands<SessionsCommand>(
      command => this._model.send(command),
      () => this._drawing.ask()
    );
    this._build();
    el.append(this._root);
    _model.on('msg:custom', this._onMessage);
    for (const name of CHANGES) {
      _model.on(`change:${name}`, this._drawing.ask);
    }
    this._draw();
  }

  dispose(): void {
    this._model.off('msg:custom', this._onMessage);
    for (const name of CHANGES) {
      this._model.off(`change:${name}`, this._drawing.ask);
    }
    this._drawing.cancel();
    this._commands.dispose();
    clearTimeout(this._searchTimer);
  }

  private _build(): void {
    const root = this._root;
    root.className = 'jaw jaw-sessions jp-agent-widget';
    root.setAttribute('role', 'region');
    root.setAttribute('aria-label', 'Conversations with the agent');
    keepKeys(root);

    const header = div('jaw-header');
    this._search.type = 'search';
    this._search.className = 'jaw-input';
    this._search.placeholder = 'Search conversations';
    this._search.setAttribute('aria-label', 'Search conversations');
    this._search.value = this._model.get('query');
    this._search.addEventListener('input', () => {
      clearTimeout(this._searchTimer);
      this._searchTimer = setTimeout(() => this._ask(), SEARCH_MS);
    });
    this._archive = button('Show the archive', 'archive', () =>
      this._ask(!this._model.get('archived'))
    );
    header.append(
      this._search,
      this._archive,
      button('New conversation', 'new', () => this._run({ type: 'new' }))
    );

    this._list.className = 'jaw-rows';
    this._list.style.maxHeight = this._model.get('_height');
    this._list.setAttribute('aria-label', 'Conversations');
    this._list.addEventListener('keydown', event => this._onKey(event));
    this._more = action('Show more', () => this._run({ type: 'more' }));

    this._undo.append(
      this._undoText,
      action('Undo', () => this._run({ type: 'undo' }))
    );
    this._undo.setAttribute('role', 'status');
    this._note.setAttribute('role', 'status');
    this._banner.setAttribute('role', 'status');
    root.append(
      header,
      this._list,
      this._empty,
      this._more,
      this._undo,
      this._banner,
      this._note
    );
  }

  private _draw(): void {
    const model = this._model;
    const sessions = model.get('sessions');
    const archived = model.get('archived');
    this._archive.setAttribute('aria-pressed', String(archived));
    if (document.activeElement !== this._search) {
      this._search.value = model.get('query');
    }
    this._drawRows(sessions, model.get('value'));
    this._empty.hidden = sessions.length > 0;
    setText(
      this._empty,
      model.get('query')
        ? 'Nothing found.'
        : archived
          ? 'The archive is empty.'
          : model.get('connection') === 'connecting'
            ? 'Loading …'
            : 'No conversations yet. Begin one in a chat.'
    );
    this._more.hidden = sessions.length >= model.get('total');
    const undo = model.get('_undo');
    this._undo.hidden = !undo;
    setText(this._undoText, undo);

    const offline = model.get('connection') === 'offline';
    const text = offline
      ? `${wording.OFFLINE} ${model.get('_connection_reason')}`
      : this._failure || model.get('error');
    this._banner.hidden = !text;
    this._banner.className = `jaw-banner ${offline ? 'jaw-warn' : 'jaw-error'}`;
    setText(this._banner, text);
    setText(this._note, this._commands.waiting ? wording.BUSY : this._notice);
  }

  private _drawRows(sessions: readonly ISession[], value: string): void {
    const keys = new Set(sessions.map(session => session.id));
    for (const [id, row] of this._rows) {
      if (!keys.has(id)) {
        const next =
          row.node.nextElementSibling ?? row.node.previousElementSibling;
        const focused = row.node.contains(document.activeElement);
        row.node.remove();
        this._rows.delete(id);
        if (focused) {
          // Who deletes by keyboard goes on in the list.
          next?.querySelector('button')?.focus();
        }
      }
    }
    sessions.forEach((session, at) => {
      let row = this._rows.get(session.id);
      if (!row) {
        row = new Row(session.id, command => this._run(command));
        this._rows.set(session.id, row);
      }
      if (this._list.children[at] !== row.node) {
        this._list.insertBefore(row.node, this._list.children[at] ?? null);
      }
      row.show(session, session.id === value);
    });
  }

  private _onKey(event: KeyboardEvent): void {
    const rows = [...this._rows.values()]
      .map(row => row.node)
      .sort((a, b) =>
        a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1
      );
    const at = rows.findIndex(node => node.contains(document.activeElement));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (
      step === undefined ||
      at < 0 ||
      event.target instanceof HTMLInputElement
    ) {
      return;
    }
    event.preventDefault();
    rows[at + step]?.querySelector('button')?.focus();
  }

  private _ask(archived = this._model.get('archived')): void {
    clearTimeout(this._searchTimer);
    this._run({ type: 'search', query: this._search.value, archived });
  }

  private _run(command: SessionsCommand): void {
    this._failure = this._notice = '';
    void this._commands.run(command).then(outcome => {
      if (outcome.ok) {
        this._notice = outcome.message;
      } else {
        this._failure = outcome.message;
      }
      this._drawing.ask();
    });
  }

  private _onMessage = (content: unknown): void => {
    this._commands.take(content as FromKernel);
  };

  private _archive!: HTMLButtonElement;
  private _banner = div('jaw-banner');
  private _commands: Commands<SessionsCommand>;
  private _drawing = scheduler(() => this._draw());
  private _empty = div('jaw-empty');
  private _failure = '';
  private _list = document.createElement('ul');
  private _more!: HTMLButtonElement;
  private _note = div('jaw-note');
  private _notice = '';
  private _root = document.createElement('div');
  private _rows = new Map<string, Row>();
  private _search = document.createElement('input');
  private _searchTimer: ReturnType<typeof setTimeout> | undefined;
  private _undo = div('jaw-undo');
  private _undoText = span('');
}

/** One conversation of the list. */
class Row {
  readonly node = document.createElement('li');

  constructor(
    private _id: string,
    private _run: (command: SessionsCommand) => void
  ) {
    const session_id = _id;
    this.node.className = 'jaw-row';
    this._open.type = 'button';
    this._open.className = 'jaw-open';
    this._open.append(this._name, this._facts);
    this._open.addEventListener('click', () =>
      this._run({ type: 'open', session_id })
    );
    this._open.addEventListener('keydown', event => {
      if (event.key === 'F2') {
        this._rename();
      } else if (event.key === 'Delete') {
        this._run({ type: 'delete', session_id });
      }
    });
    this._archive = button('Archive', 'archive', () =>
      this._run({ type: 'archive', session_id, archived: !this._archived })
    );
    this._tools.append(
      button('Rename', 'rename', () => this._rename()),
      this._archive,
      button('Delete', 'delete', () =>
        this._run({ type: 'delete', session_id })
      )
    );
    this.node.append(this._open, this._tools);
  }

  show(session: ISession, isOpen: boolean): void {
    this._title = session.title;
    this._archived = session.status === 'archived';
    setText(this._name, nameOf(session));
    setText(
      this._facts,
      [
        session.running ? 'answering' : '',
        wording.when(session.last_activity_at, new Date()),
        session.message_count === 1
          ? '1 message'
          : `${session.message_count} messages`,
        session.cost === null ? '' : wording.money(Number(session.cost))
      ]
        .filter(Boolean)
        .join(' · ')
    );
    const label = this._archived ? 'Take out of the archive' : 'Archive';
    this._archive.title = label;
    this._archive.setAttribute('aria-label', label);
    this.node.classList.toggle('jaw-current', isOpen);
    this._open.setAttribute('aria-current', String(isOpen));
  }

  private _rename(): void {
    const input = document.createElement('input');
    input.className = 'jaw-input';
    input.value = this._title;
    input.maxLength = 200;
    input.setAttribute('aria-label', 'Title');
    let over = false;
    const end = (keep: boolean) => {
      if (over) {
        return;
      }
      over = true;
      const title = input.value.trim();
      if (keep && title && title !== this._title) {
        this._run({ type: 'rename', session_id: this._id, title });
      }
      this.node.replaceChildren(this._open, this._tools);
      this._open.focus();
    };
    input.addEventListener('keydown', event => {
      if (event.key === 'Enter' && !event.isComposing) {
        end(true);
      } else if (event.key === 'Escape') {
        end(false);
      }
    });
    input.addEventListener('blur', () => end(true));
    this.node.replaceChildren(input);
    input.select();
  }

  private _archive: HTMLButtonElement;
  private _archived = false;
  private _facts = span('jaw-numbers');
  private _name = span('jaw-name');
  private _open = document.createElement('button');
  private _title = '';
  private _tools = div('jaw-tools');
}

export default {
  render({ model, el }: IRenderContext<ISessionsTraits>): () => void {
    const view = new SessionsView(model, el);
    return () => view.dispose();
  }
};
