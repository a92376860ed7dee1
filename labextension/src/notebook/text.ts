/**
 * What the model reads of a notebook, a cell or a file: plain text, cut to a budget.
 *
 * It is for the model alone, so its words are English whatever language the application speaks.
 */
import type * as nbformat from '@jupyterlab/nbformat';

/** Characters of a notebook at the most. */
export const NOTEBOOK_BUDGET = 24_000;

/** Characters of a cell's source, and of its outputs, at the most. */
export const CELL_BUDGET = 24_000;

/** Characters of a file at the most. */
export const FILE_BUDGET = 48_000;

/** Characters of a selection at the most: it is kept in the draft. */
export const SELECTION_BUDGET = 16_000;

/** What is read of a cell, from the live model or from the stored file. */
export interface ICellText {
  id: string;
  /** From 1, as it stands in the notebook. */
  number: number;
  kind: string;
  source: string;
  /** What stands in the brackets beside the cell; null where it was not run. */
  executionCount: number | null;
  outputs: readonly nbformat.IOutput[];
}

export interface INotebookText {
  path: string;
  /** As the kernel names itself. */
  kernel: string;
  language: string;
  cells: readonly ICellText[];
  /** What is read is not what stands in the file. */
  unsaved: boolean;
  /** The cell that the user is at. */
  activeId?: string;
}

// The control sequences of terminals: colours, cursor, titles (ECMA-48).
/* eslint-disable no-control-regex -- it is what they are made of */
const ANSI =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;
const BACKSPACE = /[^\x08]\x08/;
/* eslint-enable no-control-regex */

/** The text as a terminal would show it: no colours, and of a line that was written over only its last state. */
export function plainText(text: string): string {
  const plain = text.replace(ANSI, '');
  if (!plain.includes('\r') && !plain.includes('\b')) {
    return plain;
  }
  return plain
    .split(/\r?\n/)
    .map(line => {
      const written = line.replace(/\r+$/, '').split('\r');
      let last = written[written.length - 1] ?? '';
      while (BACKSPACE.test(last)) {
        last = last.replace(BACKSPACE, '');
      }
      return last;
    })
    .join('\n');
}

/**
 * The text, or its head and its tail with a line that says how much was left out between them. No letter is cut in two.
 */
export function cutMiddle(text: string, budget: number, head = 0.6): string {
  if (text.length <= budget) {
    return text;
  }
  const room = Math.max(0, budget - 60);
  let start = Math.floor(room * head);
  let end = text.length - (room - start);
  // Rather between lines, where one ends nearby.
  const lineEnd = text.lastIndexOf('\n', start);
  if (lineEnd > start * 0.8) {
    start = lineEnd;
  }
  const lineStart = text.indexOf('\n', end);
  if (lineStart !== -1 && lineStart - end < (text.length - end) * 0.2) {
    end = lineStart + 1;
  }
  if (isLowSurrogate(text, start)) {
    start -= 1;
  }
  if (isLowSurrogate(text, end)) {
    end += 1;
  }
  const out = end - start;
  return `${text.slice(0, start).trimEnd()}\n[… ${out.toLocaleString('en')} characters left out …]\n${text.slice(end)}`;
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function joined(value: unknown): string {
  return Array.isArray(value)
    ? value.join('')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}

/** Those that say something as text, the best first. */
const TEXT_TYPES = [
  'text/markdown',
  'text/latex',
  'text/plain',
  'application/json',
  'text/html'
];

/** One output as text; what cannot be text is said. */
export function outputText(output: nbformat.IOutput): string {
  switch (output.output_type) {
    case 'stream':
      return plainText(joined(output.text)).trimEnd();
    case 'error': {
      const traceback = plainText(
        ((output.traceback as string[] | undefined) ?? []).join('\n')
      ).trim();
      const { ename, evalue } = output as nbformat.IError;
      return traceback || `${ename}: ${evalue}`;
    }
    case 'display_data':
    case 'execute_result':
    case 'update_display_data': {
      const data = (output.data ?? {}) as nbformat.IMimeBundle;
      const type = TEXT_TYPES.find(candidate => candidate in data);
      const others = Object.keys(data)
        .filter(name => !TEXT_TYPES.includes(name))
        .map(name => `[${name}, not sent]`);
      const text = type ? plainText(joined(data[type])).trimEnd() : '';
      return [...(text ? [text] : []), ...others].join('\n');
    }
    default:
      return `[output of type ${String(output.output_type)}, not sent]`;
  }
}

/** The outputs of a cell as text. Streams that follow each other are one. */
export function outputsText(
  outputs: readonly nbformat.IOutput[],
  budget: number
): string {
  const texts: string[] = [];
  let stream: string | null = null;
  let raw = '';
  const flush = (): void => {
    if (stream !== null) {
      const text = plainText(raw).trimEnd();
      if (text) {
        texts.push(stream === 'stderr' ? `[stderr]\n${text}` : text);
      }
      stream = null;
      raw = '';
    }
  };
  for (const output of outputs) {
    if (output.output_type === 'stream') {
      if (stream !== output.name) {
        flush();
      }
      stream = (output as nbformat.IStream).name;
      raw += joined(output.text);
      continue;
    }
    flush();
    const text = outputText(output);
    if (text) {
      texts.push(output.output_type === 'error' ? `[error]\n${text}` : text);
    }
  }
  flush();
  // The end of what a program says tells most: the error, the last number.
  return cutMiddle(texts.join('\n'), budget, 0.4);
}

/** The line above a cell: `--- cell 3, code, id 1f2e, run as [7] ---`. */
function cellHead(cell: ICellText, active: boolean): string {
  const facts = [`cell ${cell.number}`, cell.kind, `id ${cell.id}`];
  if (cell.kind === 'code') {
    facts.push(
      cell.executionCount === null
        ? 'not run'
        : `run as [${cell.executionCount}]`
    );
  }
  if (active) {
    facts.push('the user is here');
  }
  return `--- ${facts.join(', ')} ---`;
}

function inNotebook(
  cell: ICellText,
  active: boolean,
  sourceBudget: number,
  outputBudget: number
): string {
  const lines = [
    cellHead(cell, active),
    cutMiddle(cell.source, sourceBudget).trimEnd() || '(empty)'
  ];
  const output = outputsText(cell.outputs, outputBudget);
  if (output) {
    lines.push('-> output:', output);
  }
  return lines.join('\n');
}

/** A notebook as the model reads it: every cell with its outputs where there is room, else its first and last ones. */
export function notebookText(
  notebook: INotebookText,
  budget = NOTEBOOK_BUDGET
): string {
  const { cells } = notebook;
  const facts = [
    cells.length === 1 ? '1 cell' : `${cells.length} cells`,
    `language ${notebook.language || 'unknown'}`
  ];
  if (notebook.kernel) {
    facts.push(`kernel ${notebook.kernel}`);
  }
  if (notebook.unsaved) {
    facts.push('with changes that are not saved');
  }
  const head = `Notebook ${notebook.path} (${facts.join(', ')})`;
  const room = budget - head.length - 2;
  // First outputs get shorter, then sources, then cells in the middle are left out.
  let texts: string[] = [];
  for (const [sources, outputs] of [
    [room, 4_000],
    [room, 1_000],
    [4_000, 300]
  ] as const) {
    texts = cells.map(cell =>
      inNotebook(cell, cell.id === notebook.activeId, sources, outputs)
    );
    if (total(texts) <= room) {
      return [head, ...texts].join('\n\n');
    }
  }
  return [head, ...withoutMiddle(texts, cells, notebook.activeId, room)].join(
    '\n\n'
  );
}

function total(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length + 2, 0);
}

/** As many cells of the start, of the end and of where the user is as there is room for. */
function withoutMiddle(
  texts: readonly string[],
  cells: readonly ICellText[],
  activeId: string | undefined,
  room: number
): string[] {
  const GAP = 60;
  const kept = new Set<number>();
  let left = room - 2 * GAP;
  const keep = (index: number): boolean => {
    const text = texts[index];
    if (text === undefined || kept.has(index)) {
      return true;
    }
    if (text.length + 2 > left) {
      return false;
    }
    kept.add(index);
    left -= text.length + 2;
    return true;
  };
  const active = cells.findIndex(cell => cell.id === activeId);
  for (const near of active === -1 ? [] : [0, -1, 1]) {
    keep(active + near);
  }
  for (let low = 0, high = texts.length - 1; low <= high; low++, high--) {
    // Both are tried: a long cell at one end does not hide the other.
    const first = keep(low);
    if (!keep(high) || !first) {
      break;
    }
  }
  const result: string[] = [];
  for (let index = 0; index < texts.length; index++) {
    if (kept.has(index)) {
      result.push(texts[index]!);
      continue;
    }
    const from = index;
    while (index + 1 < texts.length && !kept.has(index + 1)) {
      index++;
    }
    result.push(
      from === index
        ? `[… cell ${from + 1} left out …]`
        : `[… cells ${from + 1} to ${index + 1} left out …]`
    );
  }
  return result;
}

/** A cell as the model reads it. */
export function cellText(cell: ICellText, budget = CELL_BUDGET): string {
  const output = outputsText(cell.outputs, budget / 2);
  const parts = [
    cellHead(cell, false),
    cutMiddle(cell.source, budget - output.length).trimEnd() || '(empty)'
  ];
  if (output) {
    parts.push('-> output:', output);
  } else if (cell.kind === 'code' && cell.executionCount !== null) {
    parts.push('-> no output');
  }
  return parts.join('\n');
}

/**
 * The language that a notebook's kernel speaks; empty where nothing says it.
 *
 * @param ofKernel - the language of a kernel of this name.
 */
export function kernelLanguage(
  metadata: nbformat.INotebookMetadata,
  ofKernel: (name: string) => string = () => ''
): string {
  const spec = metadata.kernelspec as
    { language?: unknown; name?: string } | undefined;
  return (
    metadata.language_info?.name ||
    (typeof spec?.language === 'string' && spec.language) ||
    (spec?.name ? ofKernel(spec.name) : '')
  );
}

/** Cells of a notebook's stored form. Those of old notebooks have no ids; their place stands for it. */
export function storedCells(content: nbformat.INotebookContent): ICellText[] {
  return content.cells.map((cell, index) => ({
    id: typeof cell.id === 'string' ? cell.id : `#${index + 1}`,
    number: index + 1,
    kind: cell.cell_type,
    source: joined(cell.source),
    executionCount: (cell.execution_count as number | null | undefined) ?? null,
    outputs: (cell.outputs as nbformat.IOutput[] | undefined) ?? []
  }));
}

/** What of a shared notebook (`@jupyter/ydoc`) is read here. */
export interface ISharedCells {
  readonly cells: readonly {
    readonly cell_type: string;
    getId(): string;
    getSource(): string;
    toJSON(): nbformat.IBaseCell;
  }[];
}

/** Cells as they stand in the open notebook, saved or not. */
export function liveCells(notebook: ISharedCells): ICellText[] {
  return notebook.cells.map((cell, index) => liveCell(cell, index));
}

export function liveCell(
  cell: ISharedCells['cells'][number],
  index: number
): ICellText {
  const json = cell.cell_type === 'code' ? cell.toJSON() : {};
  const { execution_count, outputs } = json as Partial<nbformat.ICodeCell>;
  return {
    id: cell.getId(),
    number: index + 1,
    kind: cell.cell_type,
    source: cell.getSource(),
    executionCount: execution_count ?? null,
    outputs: outputs ?? []
  };
}

/** The first line that says something, for menus. */
export function firstLine(source: string, length = 60): string {
  const line =
    source
      .split('\n')
      .map(text => text.trim())
      .find(text => text !== '') ?? '';
  return line.length > length
    ? `${line.slice(0, length - 1).trimEnd()}…`
    : line;
}
