/** Notebooks and files that are open on this page, by the paths that the server knows. */
import type {
  DocumentRegistry,
  IDocumentWidget
} from '@jupyterlab/docregistry';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IEditorTracker } from '@jupyterlab/fileeditor';
import type {
  INotebookModel,
  INotebookTracker,
  NotebookPanel
} from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

/** A document as it is offered to the server. */
export interface IOfferedDocument {
  path: string;
  kind: 'notebook' | 'file';
  dirty: boolean;
  active: boolean;
}

/** What of a text file's shared model is used here. */
export interface ISharedFile {
  getSource(): string;
  updateSource(start: number, end: number, value?: string): void;
  transact(change: () => void): void;
}

export type OpenNotebook = NotebookPanel & {
  content: { model: INotebookModel };
};

/** Milliseconds in which several changes become one. */
const DEBOUNCE = 150;

/** Drive of documents that are edited together: the server's own files. */
const SHARED_DRIVE = 'RTC';

export class OpenDocuments {
  constructor(
    readonly options: {
      shell: JupyterFrontEnd.IShell;
      contents: Contents.IManager;
      notebooks: INotebookTracker | null;
      editors: IEditorTracker | null;
      docManager: IDocumentManager | null;
    }
  ) {
    const { shell, notebooks, editors } = options;
    const changed = (): void => this._changedSoon();
    shell.currentChanged?.connect(changed, this);
    for (const tracker of [notebooks, editors]) {
      tracker?.currentChanged.connect(changed, this);
      tracker?.widgetAdded.connect((_, panel) => this._follow(panel), this);
      tracker?.forEach(panel => this._follow(panel));
    }
    // Of several pages the one counts that was looked at last.
    this._others.onmessage = () => {
      this._inFront = false;
      changed();
    };
    const focused = (): void => {
      this._inFront = true;
      this._others.postMessage(null);
      changed();
    };
    window.addEventListener('focus', focused);
    if (document.hasFocus()) {
      focused();
    }
  }

  /** Something else may be open, have unsaved changes or be in front. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What is open, each path once. */
  offered(): IOfferedDocument[] {
    const documents = new Map<string, IOfferedDocument>();
    const front = this._inFront ? this._current() : null;
    for (const { path, widget, context } of this._open()) {
      const one = documents.get(path) ?? {
        path,
        kind: isNotebook(context) ? 'notebook' : 'file',
        dirty: false,
        active: false
      };
      one.dirty ||= context.model.dirty;
      one.active ||= widget === front;
      documents.set(path, one);
    }
    return [...documents.values()];
  }

  /** The open notebook of a path; of two views of it the one in front. */
  notebook(path: string): OpenNotebook | null {
    const front = this._current();
    const panels = [...this._open()]
      .filter(one => one.path === path && isNotebook(one.context))
      .map(one => one.widget as OpenNotebook);
    return panels.find(panel => panel === front) ?? panels[0] ?? null;
  }

  /** The open text file of a path. */
  file(path: string): DocumentRegistry.Context | null {
    for (const one of this._open()) {
      if (one.path === path && !isNotebook(one.context)) {
        return one.context;
      }
    }
    return null;
  }

  /** The path from the server's root; null for what is on another drive. */
  serverPath(path: string): string | null {
    const { contents } = this.options;
    const drive = contents.driveName(path);
    return drive === '' || drive === SHARED_DRIVE
      ? contents.localPath(path)
      : null;
  }

  dispose(): void {
    clearTimeout(this._timer);
    this._others.close();
    Signal.clearData(this);
  }

  private _current(): Widget | null {
    const { shell, notebooks, editors } = this.options;
    const { currentWidget } = shell;
    // Who writes in the chat still looks at the document.
    return currentWidget &&
      (notebooks?.has(currentWidget) || editors?.has(currentWidget))
      ? currentWidget
      : (notebooks?.currentWidget ?? editors?.currentWidget ?? null);
  }

  /** Documents that are there to be read and written. */
  private *_open(): Generator<{
    path: string;
    widget: Widget;
    context: DocumentRegistry.Context;
  }> {
    const { shell, notebooks, editors, docManager } = this.options;
    const widgets = new Set<Widget>();
    notebooks?.forEach(panel => widgets.add(panel));
    editors?.forEach(panel => widgets.add(panel));
    // Other views of text, as a table or a preview.
    for (const widget of shell.widgets('main')) {
      widgets.add(widget);
    }
    for (const widget of widgets) {
      const context = docManager?.contextForWidget(widget);
      const path = context && this.serverPath(context.path);
      if (
        path &&
        !widget.isDisposed &&
        !context.isDisposed &&
        context.isReady &&
        (notebooks?.has(widget) || isText(context))
      ) {
        yield { path, widget, context };
      }
    }
  }

  private _follow(panel: IDocumentWidget): void {
    // What was added just now, the document manager may not know yet.
    const { context } = panel;
    panel.disposed.connect(() => this._changedSoon(), this);
    context.pathChanged.connect(() => this._changedSoon(), this);
    context.model.stateChanged.connect((_, { name }) => {
      if (name === 'dirty') {
        this._changedSoon();
      }
    }, this);
    void context.ready.then(() => this._changedSoon());
    this._changedSoon();
  }

  private _changedSoon(): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._changed.emit(), DEBOUNCE);
  }

  private _changed = new Signal<this, void>(this);
  private _inFront = false;
  private _others = new BroadcastChannel('jupyterlab-agent:front');
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

function isNotebook(context: DocumentRegistry.Context): boolean {
  return 'cells' in context.model;
}

function isText(context: DocumentRegistry.Context): boolean {
  return (
    context.contentsModel?.format === 'text' &&
    'updateSource' in context.model.sharedModel
  );
}
