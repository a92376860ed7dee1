/** Answers what the server asks of the documents that are open on this page. */
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type * as nbformat from '@jupyterlab/nbformat';
import type { IFrame } from '../api/socket';
import {
  applyOperations,
  type IApplied,
  type ISharedCodeCell,
  type ISharedNotebook,
  type Operation
} from './cells';
import type { ISharedFile, OpenDocuments, OpenNotebook } from './documents';
import { LiveError } from './errors';
import { showExecution, type IExecution } from './execution';
import { keepPlace } from './place';
import { ownStep, setText } from './texts';

/** Characters of an answer: the server takes frames of 16 MB, and a character may be several bytes. */
const LARGEST = 12_000_000;

/** What a tool of this page gives. */
export interface IToolResult {
  content: string;
  is_error?: boolean;
}

export interface IBridgeOptions {
  documents: OpenDocuments;
  /** Runs a tool that this page offers. */
  callTool: (
    name: string,
    args: Record<string, unknown>
  ) => Promise<IToolResult>;
  /** An agent has changed a notebook, and it should be seen. */
  onApplied?: (
    panel: OpenNotebook,
    applied: readonly IApplied[],
    turnId: string | null
  ) => void;
}

type Params = Record<string, unknown>;

export class Bridge {
  constructor(options: IBridgeOptions) {
    this._options = options;
  }

  /** The answer to a `request`; null for frames that want none, or nobody waits any more. */
  async answer(frame: IFrame): Promise<object | null> {
    if (frame.type === 'cancel') {
      this._asked.delete(String(frame.id));
      return null;
    }
    if (frame.type !== 'request') {
      return null;
    }
    const id = String(frame.id);
    this._asked.add(id);
    const answer = await this._try(
      String(frame.method),
      (frame.params ?? {}) as Params
    );
    return this._asked.delete(id) ? { type: 'result', id, ...answer } : null;
  }

  /**
   * Cells that are shown as running whose kernel does nothing: while there was no connection the server could not tell
   * that they are done.
   */
  settle(): void {
    for (const [path, cells] of this._running) {
      const panel = this._options.documents.notebook(path);
      if (panel?.sessionContext.session?.kernel?.status === 'busy') {
        continue;
      }
      this._running.delete(path);
      for (const id of cells) {
        const model = panel && codeModel(panel, id);
        if (model) {
          model.executionState = 'idle';
        }
      }
    }
  }

  private async _try(method: string, params: Params): Promise<object> {
    try {
      const result = await this._do(method, params);
      const length = JSON.stringify(result).length;
      if (length > LARGEST) {
        throw new LiveError(
          'too_large',
          'The answer is too large to be sent.',
          {
            characters: length
          }
        );
      }
      return { result };
    } catch (error) {
      if (error instanceof LiveError) {
        const { code, message, data } = error;
        return { error: { code, message, data } };
      }
      console.error(`jupyterlab-agent: ${method} failed`, error);
      return {
        error: {
          code: 'failed',
          message: error instanceof Error ? error.message : String(error),
          data: {}
        }
      };
    }
  }

  private _do(method: string, params: Params): object | Promise<object> {
    switch (method) {
      case 'notebook/read':
        return this._read(params);
      case 'notebook/apply':
        return this._apply(params);
      case 'notebook/execution':
        return this._execution(params);
      case 'notebook/save':
        return this._save(this._notebook(params).context);
      case 'file/read': {
        const { model } = this._file(params);
        return { text: textOf(model), dirty: model.dirty };
      }
      case 'file/apply':
        return this._write(params);
      case 'file/save':
        return this._save(this._file(params));
      case 'tool/call':
        return this._options.callTool(
          String(params.name),
          (params.arguments ?? {}) as Params
        );
      default:
        throw new LiveError('unknown_method', `There is no ${method} here.`);
    }
  }

  private _notebook(params: Params): OpenNotebook {
    const path = String(params.path);
    const panel = this._options.documents.notebook(path);
    if (!panel) {
      throw new LiveError('not_open', `${path} is not open.`);
    }
    return panel;
  }

  private _file(params: Params): DocumentRegistry.Context {
    const path = String(params.path);
    const context = this._options.documents.file(path);
    if (!context) {
      throw new LiveError('not_open', `${path} is not open.`);
    }
    return context;
  }

  private _read(params: Params): object {
    const panel = this._notebook(params);
    const { model } = panel.content;
    const shared = model.sharedModel;
    const ids = shared.cells.map(cell => cell.getId());
    const wanted = (params.cell_ids as string[] | null | undefined) ?? ids;
    for (const id of wanted) {
      if (!ids.includes(id)) {
        throw notFound(id, ids);
      }
    }
    const asked = new Set(wanted);
    const models = new Map([...model.cells].map(cell => [cell.id, cell]));
    return {
      ids,
      cells: shared.cells
        .filter(cell => asked.has(cell.getId()))
        .map(cell =>
          params.outputs === false && cell.cell_type === 'code'
            ? withoutOutputs(
                cell as ISharedCodeCell,
                (models.get(cell.getId()) as ICodeCellModel).outputs
              )
            : cell.toJSON()
        ),
      metadata: shared.getMetadata(),
      nbformat: shared.nbformat,
      nbformat_minor: shared.nbformat_minor,
      kernel_id: panel.sessionContext.session?.kernel?.id ?? null,
      dirty: model.dirty,
      read_only: readOnly(panel)
    };
  }

  private _apply(params: Params): object {
    const panel = this._notebook(params);
    if (readOnly(panel)) {
      throw new LiveError('read_only', 'The notebook is read-only.');
    }
    const shared = panel.content.model
      .sharedModel as unknown as ISharedNotebook;
    const restore = keepPlace(panel);
    const applied = applyOperations(shared, params.operations as Operation[]);
    restore();
    if (params.mark !== false) {
      this._options.onApplied?.(
        panel,
        applied,
        (params.turn_id as string | null | undefined) ?? null
      );
    }
    return { results: applied };
  }

  private _execution(params: Params): object {
    const panel = this._notebook(params);
    const path = String(params.path);
    const id = String(params.cell_id);
    const model = codeModel(panel, id);
    if (!model) {
      throw notFound(
        id,
        panel.content.model.sharedModel.cells.map(cell => cell.getId())
      );
    }
    const now = params as unknown as IExecution;
    showExecution(model, now);
    const running = this._running.get(path) ?? new Set();
    if (now.state === 'running') {
      this._running.set(path, running.add(id));
    } else if (running.delete(id) && running.size === 0) {
      this._running.delete(path);
    }
    return {};
  }

  private async _save(context: DocumentRegistry.Context): Promise<object> {
    if (context.model.readOnly || context.contentsModel?.writable === false) {
      throw new LiveError('read_only', `${context.path} is read-only.`);
    }
    await context.save();
    if (context.model.dirty && !context.model.collaborative) {
      throw new LiveError('not_saved', `${context.path} was not saved.`);
    }
    return {};
  }

  private _write(params: Params): object {
    const { model, contentsModel, path } = this._file(params);
    if (model.readOnly || contentsModel?.writable === false) {
      throw new LiveError('read_only', `${path} is read-only.`);
    }
    const shared = model.sharedModel as unknown as ISharedFile;
    const before = shared.getSource();
    if (typeof params.expect === 'string' && before !== params.expect) {
      throw new LiveError('conflict', `${path} was changed.`, {
        text: before
      });
    }
    ownStep(shared);
    shared.transact(() => setText(shared, String(params.text)));
    ownStep(shared);
    return { before };
  }

  /** Requests whose answer is waited for. */
  private _asked = new Set<string>();
  private _options: IBridgeOptions;
  /** Cells that are shown as running, by the notebook's path. */
  private _running = new Map<string, Set<string>>();
}

function notFound(id: string, ids: readonly string[]): LiveError {
  return new LiveError('not_found', `There is no cell ${id}.`, {
    cell_id: id,
    cell_ids: ids
  });
}

/** Outputs are not even copied where nobody wants them: they can be large. */
function withoutOutputs(
  cell: ISharedCodeCell,
  outputs: ICodeCellModel['outputs']
): object {
  let error: string | null = null;
  for (let index = 0; index < outputs.length; index++) {
    const output = outputs.get(index);
    if (output.type === 'error') {
      const { ename, evalue } = output.toJSON() as nbformat.IError;
      error = `${ename}: ${evalue}`.slice(0, 200);
    }
  }
  return {
    id: cell.getId(),
    cell_type: 'code',
    source: cell.getSource(),
    metadata: cell.getMetadata(),
    execution_count: cell.execution_count,
    output_state: { count: outputs.length, error }
  };
}

function readOnly(panel: OpenNotebook): boolean {
  return (
    panel.content.model.readOnly ||
    panel.context.contentsModel?.writable === false
  );
}

function textOf(model: DocumentRegistry.IModel): string {
  return (model.sharedModel as unknown as ISharedFile).getSource();
}

/** The model of a code cell, whether it is drawn or not. */
function codeModel(panel: OpenNotebook, id: string): ICodeCellModel | null {
  for (const cell of panel.content.model.cells) {
    if (cell.id === id) {
      return cell.type === ('code' satisfies nbformat.CellType)
        ? (cell as ICodeCellModel)
        : null;
    }
  }
  return null;
}
