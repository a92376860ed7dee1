/** Marks cells that agents have changed, in every open notebook, until somebody has decided about them. */
import { Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Signal, type ISignal } from '@lumino/signaling';
import { ApiError } from '../api/errors';
import type { ICheckpoint, IEdit, IUndoConflict } from '../api/types';
import type { IAgentClient, IAgentTools } from '../tokens';
import { adorn, unadorn } from './adorn';
import { marksOf, type IMark } from './marks';
import type { Workspace } from './workspace';

/** Milliseconds in which several changes are looked at together. */
const DEBOUNCE = 100;

interface IOptions {
  work: Workspace;
  client: IAgentClient;
  tools: IAgentTools;
}

/** The changes of all open notebooks. */
export class Changes {
  constructor(options: IOptions) {
    this._options = options;
    const { notebooks } = options.work.options;
    notebooks?.forEach(panel => this._add(panel));
    notebooks?.widgetAdded.connect((_, panel) => this._add(panel), this);
    options.tools.checkpointChanged.connect(
      (_, { turnId }) => this._readSoon(turnId),
      this
    );
  }

  /** What is marked in a notebook. */
  of(panel: NotebookPanel): ChangedNotebook | null {
    return this._notebooks.get(panel) ?? null;
  }

  dispose(): void {
    clearTimeout(this._timer);
    Signal.clearData(this);
    this._notebooks.forEach(notebook => notebook.dispose());
  }

  private _add(panel: NotebookPanel): void {
    const notebook = new ChangedNotebook(panel, this._options);
    this._notebooks.set(panel, notebook);
    panel.disposed.connect(() => {
      notebook.dispose();
      this._notebooks.delete(panel);
    });
  }

  private _readSoon(turnId: string): void {
    if (this._notebooks.size === 0) {
      return;
    }
    this._turns.add(turnId);
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      const turns = [...this._turns];
      this._turns.clear();
      turns.forEach(turn => void this._read(turn));
    }, DEBOUNCE);
  }

  private async _read(turnId: string): Promise<void> {
    try {
      const checkpoint = await this._options.tools.checkpoint(turnId);
      if (checkpoint) {
        this._notebooks.forEach(notebook => notebook.take(checkpoint));
      }
    } catch (error) {
      // The next change of the turn, or opening the notebook, asks again.
      console.warn('jupyterlab-agent: changes were not read', error);
    }
  }

  private _notebooks = new Map<NotebookPanel, ChangedNotebook>();
  private _options: IOptions;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _turns = new Set<string>();
}

interface IDrawn {
  mark: string;
  node: HTMLElement;
  cell: Cell;
  dispose: () => void;
}

/** The changes of one notebook. */
export class ChangedNotebook {
  constructor(panel: NotebookPanel, options: IOptions) {
    this._panel = panel;
    this._options = options;
    void panel.context.ready.then(() => this._load());
    panel.context.pathChanged.connect(() => void this._load(), this);
    panel.content.modelChanged.connect(() => this._follow(), this);
    panel.content.activeCellChanged.connect(() => this._changed.emit(), this);
    this._follow();
  }

  get marks(): readonly IMark[] {
    return this._marks;
  }

  /** Other cells are marked, or another one is active. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The mark of the active cell. */
  get active(): IMark | null {
    const id = this._panel.content.activeCell?.model.id;
    return this._marks.find(mark => mark.cellId === id) ?? null;
  }

  /** What is known of a turn is another. */
  take(checkpoint: ICheckpoint): void {
    const mine = checkpoint.edits.filter(
      ({ change }) => change.path === this._path
    );
    const others = [...this._edits.values()].filter(
      edit => edit.turn_id !== checkpoint.turn_id
    );
    if (mine.length > 0 || others.length < this._edits.size) {
      this._edits = new Map([...others, ...mine].map(edit => [edit.id, edit]));
      this.update();
    }
  }

  /** Lets changes stand. */
  readonly accept = async (...marks: readonly IMark[]): Promise<void> => {
    await this._decide(marks, (turnId, ids) =>
      this._options.tools.accept(turnId, ids)
    );
  };

  /** Puts cells back as they were. */
  readonly reject = async (...marks: readonly IMark[]): Promise<void> => {
    await this._decide(marks, (turnId, ids) =>
      this._options.tools.undo(turnId, ids)
    );
  };

  /** Makes the next marked cell the active one, or the one before. */
  async go(step: 1 | -1): Promise<void> {
    const { content } = this._panel;
    const places = this._marks
      .map(mark => this._hostOf(mark))
      .flatMap(cell => (cell ? [content.widgets.indexOf(cell)] : []))
      .sort((one, other) => one - other);
    const now = content.activeCellIndex;
    const next =
      step === 1
        ? (places.find(place => place > now) ?? places[0])
        : (places.filter(place => place < now).pop() ?? places.pop());
    if (next !== undefined) {
      content.activeCellIndex = next;
      content.deselectAll();
      await content.scrollToItem(next, 'smart');
    }
  }

  /** Unfolds the difference of a marked cell, or folds it. */
  toggle(mark: IMark): void {
    this._drawn
      .get(mark.cellId)
      ?.node.querySelector<HTMLElement>('[data-action="show"]')
      ?.click();
  }

  /** Looks at the cells again. */
  readonly update = (): void => {
    const model = this._panel.isDisposed ? null : this._panel.content.model;
    if (!model || (this._edits.size === 0 && this._drawn.size === 0)) {
      return;
    }
    const sources = new Map(
      model.sharedModel.cells.map(cell => [cell.getId(), cell.getSource()])
    );
    this._marks = marksOf([...this._edits.values()], sources);
    void this._draw();
    this._changed.emit();
  };

  dispose(): void {
    Signal.clearData(this);
    clearTimeout(this._timer);
    this._drawn.forEach(drawn => drawn.dispose());
    this._drawn.clear();
  }

  private get _path(): string {
    return this._options.work.serverPath(this._panel.context.path);
  }

  private async _load(): Promise<void> {
    try {
      const { items } = await this._options.client.checkpointsOf(this._path);
      this._edits = new Map(
        items
          .flatMap(({ edits }) => edits)
          .filter(({ change }) => change.path === this._path)
          .map(edit => [edit.id, edit])
      );
      this.update();
    } catch (error) {
      // A server without the agent has none.
      if (!(error instanceof ApiError && error.status === 404)) {
        console.warn('jupyterlab-agent: changes were not read', error);
      }
    }
  }

  private _follow(): void {
    // Tells of cells that come and go, and of what is typed.
    this._panel.content.model?.contentChanged.connect(
      () => this._updateSoon(),
      this
    );
  }

  private _updateSoon(): void {
    if (this._edits.size > 0) {
      clearTimeout(this._timer);
      this._timer = setTimeout(this.update, DEBOUNCE);
    }
  }

  private async _decide(
    marks: readonly IMark[],
    decide: (turnId: string, ids: readonly string[]) => Promise<ICheckpoint>
  ): Promise<void> {
    const { trans } = this._options.work;
    const turns = new Map<string, string[]>();
    for (const { turnId, ids } of marks.flatMap(mark => mark.edits)) {
      turns.set(turnId, [...(turns.get(turnId) ?? []), ...ids]);
    }
    try {
      // Ids of turns grow with time: what was done last is taken back first.
      for (const turnId of [...turns.keys()].sort().reverse()) {
        this.take(await decide(turnId, turns.get(turnId)!));
      }
    } catch (error) {
      const conflicts = (
        error instanceof ApiError ? (error.details.conflicts ?? []) : []
      ) as IUndoConflict[];
      Notification.warning(
        conflicts.length > 0
          ? trans.__(
              'Nothing was taken back: %1',
              conflicts.map(conflict => conflict.message).join(' ')
            )
          : trans.__(
              'That was not done: %1',
              error instanceof Error ? error.message : String(error)
            ),
        { autoClose: 8_000 }
      );
    }
  }

  /** The cell that a mark stands at: its own, or of a deleted one the one that stands in its place. */
  private _hostOf(mark: IMark): Cell | null {
    const { widgets } = this._panel.content;
    const at = (id: string): number =>
      widgets.findIndex(cell => cell.model.id === id);
    if (mark.kind !== 'deleted') {
      return widgets[at(mark.cellId)] ?? null;
    }
    const seen = new Set<string>();
    let { below } = mark;
    // The one above may be deleted, too.
    while (below !== null && at(below) === -1 && !seen.has(below)) {
      seen.add(below);
      const gone = this._marks.find(
        other => other.kind === 'deleted' && other.cellId === below
      );
      below = gone?.below ?? null;
    }
    const index = below === null ? 0 : at(below) + 1;
    return widgets[Math.min(index, widgets.length - 1)] ?? null;
  }

  private async _draw(): Promise<void> {
    if (this._marks.length === 0 && this._drawn.size === 0) {
      return;
    }
    const { drawBar } = await import('./bar');
    const wanted = new Map(this._marks.map(mark => [mark.cellId, mark]));
    for (const [id, drawn] of this._drawn) {
      const mark = wanted.get(id);
      if (
        !mark ||
        drawn.cell.isDisposed ||
        drawn.cell !== this._hostOf(mark) ||
        drawn.mark !== JSON.stringify(mark)
      ) {
        drawn.dispose();
        this._drawn.delete(id);
      }
    }
    for (const mark of this._marks) {
      const cell = this._hostOf(mark);
      if (!cell || this._drawn.has(mark.cellId)) {
        continue;
      }
      const node = document.createElement('div');
      node.className = `jp-agent-Change jp-mod-${mark.kind}`;
      const last =
        mark.kind === 'deleted' &&
        mark.below !== null &&
        cell.model.id === mark.below;
      if (!adorn(cell, last ? 'footer' : 'header', node)) {
        // Cells are drawn when they come near the screen.
        void cell.ready.then(() => this._updateSoon());
        continue;
      }
      const undraw = drawBar(node, {
        mark,
        trans: this._options.work.trans,
        accept: this.accept,
        reject: this.reject
      });
      if (mark.kind !== 'deleted') {
        cell.addClass('jp-agent-mod-changed');
        cell.node.dataset.agentChange = mark.kind;
      }
      this._drawn.set(mark.cellId, {
        mark: JSON.stringify(mark),
        node,
        cell,
        dispose: () => {
          unadorn(node);
          // Outside of React's own work.
          setTimeout(undraw);
          if (mark.kind !== 'deleted' && !cell.isDisposed) {
            cell.removeClass('jp-agent-mod-changed');
            delete cell.node.dataset.agentChange;
          }
        }
      });
    }
  }

  private _changed = new Signal<this, void>(this);
  private _drawn = new Map<string, IDrawn>();
  private _edits = new Map<string, IEdit>();
  private _marks: readonly IMark[] = [];
  private _options: IOptions;
  private _panel: NotebookPanel;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
