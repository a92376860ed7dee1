/** Edits of an open notebook, on its shared model: what is not saved is seen, and the user's own undo goes on working. */
import type * as nbformat from '@jupyterlab/nbformat';
import { LiveError } from './errors';
import { ownStep, setText, type ISharedText } from './texts';

/** A cell as the format has it, with its id. */
export type CellJson = nbformat.IBaseCell & { id: string };

export interface ISharedCell extends ISharedText {
  readonly cell_type: string;
  getId(): string;
  toJSON(): nbformat.IBaseCell;
  transact(change: () => void): void;
  getMetadata(): object;
  setMetadata(metadata: object): void;
  deleteMetadata(key: string): void;
}

export interface ISharedCodeCell extends ISharedCell {
  execution_count: nbformat.ExecutionCount;
  setOutputs(outputs: nbformat.IOutput[]): void;
}

/** What of a shared notebook (`@jupyter/ydoc`) is used here. */
export interface ISharedNotebook {
  readonly cells: readonly ISharedCell[];
  transact(change: () => void): void;
  insertCell(
    index: number,
    cell: Partial<nbformat.IBaseCell> & { cell_type: string }
  ): ISharedCell;
  deleteCell(index: number): void;
  moveCell(from: number, to: number): void;
}

export type Operation =
  | {
      op: 'set_source';
      cell_id: string;
      source: string;
      expect?: string | null;
    }
  | { op: 'insert'; cell: CellJson; index: number }
  | { op: 'delete'; cell_id: string; expect?: string | null }
  /** To the place that it has afterwards. */
  | { op: 'move'; cell_id: string; index: number }
  | {
      op: 'set_outputs';
      cell_id: string;
      outputs: nbformat.IOutput[];
      execution_count?: number | null;
    }
  | { op: 'replace'; cell_id: string; cell: CellJson; expect?: string | null };

/** What an operation did. Cells are as they stood before and after it; null where there was none. */
export interface IApplied {
  before: nbformat.IBaseCell | null;
  after: nbformat.IBaseCell | null;
  index_before: number | null;
  index_after: number | null;
}

/**
 * Does all of the operations, or none where one cannot be done.
 *
 * @throws LiveError `conflict` with the source that is there, `not_found`, `invalid`.
 */
export function applyOperations(
  notebook: ISharedNotebook,
  operations: readonly Operation[]
): IApplied[] {
  rehearse(notebook, operations);
  ownStep(notebook);
  const done = operations.map(operation => apply(notebook, operation));
  ownStep(notebook);
  return done;
}

/** Goes through the operations without doing them. Throws where one cannot be done. */
function rehearse(
  notebook: ISharedNotebook,
  operations: readonly Operation[]
): void {
  const cells = notebook.cells.map(cell => ({
    id: cell.getId(),
    type: cell.cell_type,
    source: cell.getSource()
  }));
  const at = (id: string): number => {
    const index = cells.findIndex(cell => cell.id === id);
    if (index === -1) {
      throw new LiveError('not_found', `There is no cell ${id}.`, {
        cell_id: id,
        cell_ids: cells.map(cell => cell.id)
      });
    }
    return index;
  };
  const expected = (id: string, expect: string | null | undefined): number => {
    const index = at(id);
    const { source } = cells[index]!;
    if (typeof expect === 'string' && source !== expect) {
      throw new LiveError('conflict', `Cell ${id} was changed.`, {
        cell_id: id,
        source
      });
    }
    return index;
  };
  for (const operation of operations) {
    switch (operation.op) {
      case 'set_source':
        cells[expected(operation.cell_id, operation.expect)]!.source =
          operation.source;
        break;
      case 'insert': {
        const { id, cell_type, source } = operation.cell;
        if (cells.some(cell => cell.id === id)) {
          throw new LiveError('invalid', `There is a cell ${id} already.`);
        }
        cells.splice(operation.index, 0, {
          id,
          type: cell_type,
          source: joined(source)
        });
        break;
      }
      case 'delete':
        cells.splice(expected(operation.cell_id, operation.expect), 1);
        break;
      case 'move': {
        const [cell] = cells.splice(at(operation.cell_id), 1);
        cells.splice(operation.index, 0, cell!);
        break;
      }
      case 'set_outputs': {
        const { type, id } = cells[at(operation.cell_id)]!;
        if (type !== 'code') {
          throw new LiveError(
            'invalid',
            `Cell ${id} is ${type}: only code has outputs.`
          );
        }
        break;
      }
      case 'replace': {
        const index = expected(operation.cell_id, operation.expect);
        const { cell_type, source } = operation.cell;
        cells[index] = {
          id: operation.cell_id,
          type: cell_type,
          source: joined(source)
        };
        break;
      }
      default:
        throw new LiveError(
          'invalid',
          `There is no operation ${String((operation as { op: unknown }).op)}.`
        );
    }
  }
}

function apply(notebook: ISharedNotebook, operation: Operation): IApplied {
  if (operation.op === 'insert') {
    const index = clamp(operation.index, notebook.cells.length);
    const cell = notebook.insertCell(index, normal(operation.cell));
    return {
      before: null,
      after: cell.toJSON(),
      index_before: null,
      index_after: index
    };
  }
  const index = notebook.cells.findIndex(
    cell => cell.getId() === operation.cell_id
  );
  const cell = notebook.cells[index]!;
  const before = cell.toJSON();
  if (operation.op === 'delete') {
    notebook.deleteCell(index);
    return { before, after: null, index_before: index, index_after: null };
  }
  let target = index;
  switch (operation.op) {
    case 'move':
      target = clamp(operation.index, notebook.cells.length - 1);
      if (target !== index) {
        notebook.moveCell(index, target);
      }
      break;
    case 'set_source':
      ownStep(cell);
      cell.transact(() => setText(cell, operation.source));
      ownStep(cell);
      break;
    case 'set_outputs':
      setOutputs(
        cell as ISharedCodeCell,
        operation.outputs,
        operation.execution_count ?? null
      );
      break;
    case 'replace':
      replace(notebook, index, { ...operation.cell, id: operation.cell_id });
      break;
  }
  return {
    before,
    after: notebook.cells[target]!.toJSON(),
    index_before: index,
    index_after: target
  };
}

function clamp(index: number, most: number): number {
  return Math.max(0, Math.min(index, most));
}

/** The same cell with other content where its kind stays, so that whoever is in it stays there; else another one. */
function replace(notebook: ISharedNotebook, index: number, to: CellJson): void {
  const cell = notebook.cells[index]!;
  const { attachments } = cell.toJSON() as nbformat.IMarkdownCell;
  const next = normal(to);
  if (
    cell.cell_type !== next.cell_type ||
    // Attachments come only with a cell that is new.
    JSON.stringify(attachments ?? {}) !==
      JSON.stringify((next as nbformat.IMarkdownCell).attachments ?? {})
  ) {
    notebook.transact(() => {
      notebook.deleteCell(index);
      notebook.insertCell(index, next);
    });
    return;
  }
  ownStep(cell);
  cell.transact(() => setText(cell, next.source));
  ownStep(cell);
  for (const key of Object.keys(cell.getMetadata())) {
    if (!(key in next.metadata)) {
      cell.deleteMetadata(key);
    }
  }
  cell.setMetadata(next.metadata);
  if (next.cell_type === 'code') {
    const { outputs, execution_count } = next as unknown as nbformat.ICodeCell;
    setOutputs(cell as ISharedCodeCell, outputs ?? [], execution_count ?? null);
  }
}

function setOutputs(
  cell: ISharedCodeCell,
  outputs: readonly nbformat.IOutput[],
  executionCount: number | null
): void {
  cell.setOutputs(normalOutputs(outputs));
  cell.execution_count = executionCount;
}

function joined(text: nbformat.MultilineString): string {
  return typeof text === 'string' ? text : text.join('');
}

/** With texts in one piece, as shared models want them. */
function normal(cell: CellJson): CellJson & { source: string } {
  const source = joined(cell.source);
  const metadata = cell.metadata ?? {};
  return cell.cell_type === 'code'
    ? {
        ...cell,
        source,
        metadata,
        outputs: normalOutputs(
          (cell as unknown as nbformat.ICodeCell).outputs ?? []
        )
      }
    : { ...cell, source, metadata };
}

/**
 * Outputs as a notebook shows them: streams in one piece, and following pieces of one stream as one. The view joins
 * such pieces, and counts otherwise than the shared model where that does not.
 */
export function normalOutputs(
  outputs: readonly nbformat.IOutput[]
): nbformat.IOutput[] {
  const made: nbformat.IOutput[] = [];
  for (const output of outputs) {
    if (output.output_type !== 'stream') {
      made.push(output);
      continue;
    }
    const text = joined(output.text as nbformat.MultilineString);
    const last = made[made.length - 1];
    if (last?.output_type === 'stream' && last.name === output.name) {
      made[made.length - 1] = { ...last, text: (last.text as string) + text };
    } else {
      made.push({ ...output, text });
    }
  }
  return made;
}
