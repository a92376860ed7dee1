/** What the user works on: the notebooks and files that are open, and which of them is the current one. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IDocumentManager, IRecentsManager } from '@jupyterlab/docmanager';
import type {
  DocumentRegistry,
  IDocumentWidget
} from '@jupyterlab/docregistry';
import type { FileBrowser } from '@jupyterlab/filebrowser';
import type { FileEditor, IEditorTracker } from '@jupyterlab/fileeditor';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents, ServiceManager } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal, type ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

export type EditorPanel = IDocumentWidget<FileEditor>;

export interface IWorkspaceOptions {
  shell: JupyterFrontEnd.IShell;
  services: ServiceManager.IManager;
  trans: TranslationBundle;
  notebooks: INotebookTracker | null;
  editors: IEditorTracker | null;
  docManager: IDocumentManager | null;
  recents: IRecentsManager | null;
  fileBrowser: FileBrowser | null;
}

/** A place in a document where text is selected. */
export interface ISelection {
  path: string;
  /** Where it is a cell's. */
  cell?: { id: string; number: number };
  language: string;
  /** Lines from 1, both included. */
  from: number;
  to: number;
  text: string;
}

/** Milliseconds: while somebody types or moves around, what is current is not told at every step. */
const DEBOUNCE = 200;

/** The documents of the application, where it has such: every part may be absent. */
export class Workspace {
  constructor(readonly options: IWorkspaceOptions) {
    const { shell, notebooks, editors } = options;
    const changed = (): void => this._changedSoon();
    // The shell's signal tells of every document, the trackers' of those of one kind.
    shell.currentChanged?.connect(() => {
      this._follow();
      changed();
    }, this);
    notebooks?.currentChanged.connect(() => {
      this._last = 'notebook';
      this._follow();
      changed();
    }, this);
    notebooks?.activeCellChanged.connect(() => {
      this._follow();
      changed();
    }, this);
    notebooks?.selectionChanged.connect(changed, this);
    editors?.currentChanged.connect(() => {
      this._last = 'editor';
      this._follow();
      changed();
    }, this);
    // CodeMirror's selection is the page's selection too, and that is cheaper to listen to than every editor.
    document.addEventListener('selectionchange', this._onSelection);
    this._follow();
  }

  /** What is current, or what is selected there, may be something else. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get trans(): TranslationBundle {
    return this.options.trans;
  }

  get contents(): Contents.IManager {
    return this.options.services.contents;
  }

  /** The notebook that was worked in last; the panel's own place is not one. */
  get notebook(): NotebookPanel | null {
    const panel = this.options.notebooks?.currentWidget ?? null;
    return panel && !panel.isDisposed && panel.content.model ? panel : null;
  }

  /** The file editor that was worked in last. */
  get editor(): EditorPanel | null {
    const panel = this.options.editors?.currentWidget ?? null;
    return panel && !panel.isDisposed ? panel : null;
  }

  /** Of notebook and editor the one that was worked in last. */
  get current(): { notebook: NotebookPanel } | { editor: EditorPanel } | null {
    const { notebook, editor } = this;
    if (notebook && (this._last === 'notebook' || !editor)) {
      return { notebook };
    }
    return editor ? { editor } : null;
  }

  /** Open notebooks, the current first. */
  openNotebooks(): NotebookPanel[] {
    const panels: NotebookPanel[] = [];
    this.options.notebooks?.forEach(panel => panels.push(panel));
    const { notebook } = this;
    return panels.sort(
      (a, b) => Number(b === notebook) - Number(a === notebook)
    );
  }

  /** The open notebook of this path. */
  findNotebook(path: string): NotebookPanel | null {
    return (
      this.openNotebooks().find(
        panel => panel.context.path === path && panel.content.model
      ) ?? null
    );
  }

  /** Paths of all open documents, the current first. */
  openPaths(): string[] {
    const paths = new Set<string>();
    const { current } = this;
    if (current) {
      const panel = 'notebook' in current ? current.notebook : current.editor;
      paths.add(panel.context.path);
    }
    for (const widget of this.options.shell.widgets('main')) {
      const context = this.contextOf(widget);
      if (context) {
        paths.add(context.path);
      }
    }
    return [...paths];
  }

  contextOf(widget: Widget): DocumentRegistry.Context | undefined {
    return this.options.docManager?.contextForWidget(widget);
  }

  /** The open document of this path, whatever shows it. */
  findContext(path: string): DocumentRegistry.Context | null {
    const widget = this.options.docManager?.findWidget(path, null);
    return (widget && this.contextOf(widget)) ?? null;
  }

  /** What is selected in the active cell or in the file editor; null where nothing is. */
  selection(): ISelection | null {
    const { current } = this;
    if (!current) {
      return null;
    }
    if ('editor' in current) {
      const { content, context } = current.editor;
      return this._selected(content.editor, { path: context.path });
    }
    const { content, context } = current.notebook;
    const cell = content.activeCell;
    return cell?.editor
      ? this._selected(cell.editor, {
          path: context.path,
          cell: { id: cell.model.id, number: content.activeCellIndex + 1 }
        })
      : null;
  }

  /** The folder that new files go to: that of what is worked on, else the one the file browser shows. */
  get folder(): string {
    const { current } = this;
    if (!current) {
      return this.options.fileBrowser?.model.path ?? '';
    }
    const panel = 'notebook' in current ? current.notebook : current.editor;
    return this.folderOf(panel.context.path);
  }

  /** The folder of a path, on the path's drive. */
  folderOf(path: string): string {
    const drive = this._drive(path);
    const local = this.contents.localPath(path);
    const slash = local.lastIndexOf('/');
    const folder = slash === -1 ? '' : local.slice(0, slash);
    return drive ? `${drive}:${folder}` : folder;
  }

  /** The path as the server knows it: the drive of shared editing is the server's own files. */
  serverPath(path: string): string {
    return this._drive(path) ? path : this.contents.localPath(path);
  }

  /** The language of a kernel, by the kernel's name; empty where it is not known. */
  kernelLanguage(name: string | undefined): string {
    const { specs } = this.options.services.kernelspecs;
    return (name && specs?.kernelspecs[name]?.language) || '';
  }

  /** Brings a widget to the front. */
  show(widget: Widget): void {
    this.options.shell.activateById(widget.id);
  }

  dispose(): void {
    clearTimeout(this._timer);
    document.removeEventListener('selectionchange', this._onSelection);
    Signal.clearData(this);
  }

  private _drive(path: string): string {
    const drive = this.contents.driveName(path);
    return drive === 'RTC' ? '' : drive;
  }

  private _selected(
    editor: CodeEditor.IEditor,
    where: Pick<ISelection, 'path' | 'cell'>
  ): ISelection | null {
    const { start, end } = editor.getSelection();
    const [low, high] =
      start.line < end.line ||
      (start.line === end.line && start.column <= end.column)
        ? [start, end]
        : [end, start];
    const text = editor.model.sharedModel
      .getSource()
      .slice(editor.getOffsetAt(low), editor.getOffsetAt(high));
    if (!text.trim()) {
      return null;
    }
    // A selection that ends before the first letter of a line does not have that line.
    const to =
      high.column === 0 && high.line > low.line ? high.line : high.line + 1;
    return {
      ...where,
      language: editor.model.mimeType,
      from: low.line + 1,
      to,
      text
    };
  }

  /** Remembers whether a notebook or an editor was current last: the panel itself may be in the main area. */
  private _follow(): void {
    const { shell, notebooks, editors } = this.options;
    const widget = shell.currentWidget;
    if (widget && notebooks?.has(widget)) {
      this._last = 'notebook';
    } else if (widget && editors?.has(widget)) {
      this._last = 'editor';
    }
  }

  private _changedSoon(): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._changed.emit(), DEBOUNCE);
  }

  private _changed = new Signal<this, void>(this);
  private _last: 'notebook' | 'editor' = 'notebook';
  private _onSelection = (): void => this._changedSoon();
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
