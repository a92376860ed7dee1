/**
 * Cuts growing markdown into blocks that can be drawn on their own, so that what is finished is drawn once.
 */
// eslint-disable-next-line jupyter/prefer-lazy-imports -- this module is itself only loaded with the panel's content
import { Lexer } from 'marked';

export interface IMarkdownBlock {
  /** Where it starts in the text; with its source this says what it is. */
  start: number;
  source: string;
  /** More text cannot change it. */
  done: boolean;
}

const BLOCK_TAG =
  /<(\/?)(details|div|table|section|article|blockquote|ul|ol|dl|figure|center|pre)\b[^>]*?(\/?)>/gi;
const DEFINITION = /^ {0,3}\[[^\]\n]+\]: *\S+.*$/gm;
const REFERENCE = /\]\[[^\]\n]*\]|\[[^\]\n]+\](?![([:])/;

function openTags(source: string): number {
  let open = 0;
  for (const match of source.matchAll(BLOCK_TAG)) {
    if (!match[3]) {
      open += match[1] ? -1 : 1;
    }
  }
  return open;
}

/** Where a formula begins that has no end yet; -1 where none does. */
function openMath(source: string): number {
  if ((source.match(/\$\$/g)?.length ?? 0) % 2 === 1) {
    return source.lastIndexOf('$$');
  }
  const at = /^[ \t>]*\\\[(?![^]*\\\])/m.exec(source);
  return at ? at.index : -1;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})[^\S\n]*(\S*)/;
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

const CODE = /(^ {0,3}(`{3,}|~{3,})[^]*?(?:^ {0,3}\2|(?![^]))|(`+)[^]*?\3)/m;
const FORMULA = /\\\((.+?)\\\)|(?<=^[ \t>]*)\\\[([^]+?)\\\]/gm;

/** Formulas as JupyterLab knows them: many models write them in LaTeX's own brackets. Code stays as it is. */
export function formulas(source: string): string {
  if (!/\\[([]/.test(source)) {
    return source;
  }
  const code = CODE.exec(source);
  const words = code ? source.slice(0, code.index) : source;
  const drawn = words.replace(
    FORMULA,
    (_, inline: string | undefined, display: string | undefined) =>
      inline === undefined ? `$$${display}$$` : `$${inline.trim()}$`
  );
  return code
    ? drawn + code[0] + formulas(source.slice(code.index + code[0].length))
    : drawn;
}

/**
 * What is drawn of a block that may go on: a diagram and a formula that are not complete stand there as they are
 * written, so that each is drawn once.
 */
export function unfinished(source: string): string {
  const fence = FENCE.exec(source);
  if (fence) {
    const [opening, mark, language] = fence;
    const closed = new RegExp(`\n {0,3}${mark}${mark![0]}*\\s*$`).test(source);
    return language === 'mermaid' && !closed
      ? opening.replace('mermaid', 'text') + source.slice(opening.length)
      : source;
  }
  const at = openMath(source);
  if (at < 0) {
    return source;
  }
  return source.slice(0, at) + source.slice(at).replace(PUNCTUATION, '\\$&');
}

/** Follows one text as it grows; only the end that is not finished is read again. */
export class BlockSplitter {
  /** The blocks of the text. A text that does not go on from the last one is read from its start. */
  split(text: string, finished: boolean): IMarkdownBlock[] {
    if (!text.startsWith(this._text)) {
      this._done = [];
      this._offset = 0;
    }
    this._text = text;
    const tail = this._read(text.slice(this._offset));
    const last = tail.length - 1;
    const blocks = [...this._done];
    tail.forEach((source, at) => {
      const block = {
        start: this._offset,
        source,
        done: finished || at < last
      };
      blocks.push(block);
      if (at < last) {
        this._done.push(block);
        this._offset += source.length;
      }
    });
    return withDefinitions(blocks, text);
  }

  /** The sources of the blocks; together they are the text. */
  private _read(text: string): string[] {
    // The lexer reads \r\n as \n and tabs differently; without them its tokens are exactly the text.
    const tokens = new Lexer({ gfm: true }).blockTokens(text, []);
    const blocks: string[] = [];
    let source = '';
    let prose = '';
    let html = 0;
    let at = 0;
    for (const token of tokens) {
      const { raw, type } = token;
      at += raw.length;
      if (source && html <= 0 && openMath(prose) < 0 && type !== 'space') {
        blocks.push(source);
        source = '';
        prose = '';
        html = 0;
      }
      source += raw;
      if (type !== 'code') {
        prose += raw;
      }
      if (type === 'html') {
        html += openTags(raw);
      }
    }
    if (at !== text.length || blocks.join('') + source !== text) {
      return [text];
    }
    if (source) {
      blocks.push(source);
    }
    return blocks;
  }

  private _done: IMarkdownBlock[] = [];
  private _offset = 0;
  private _text = '';
}

/** A block that refers to a definition elsewhere in the text gets the definitions with it. */
function withDefinitions(
  blocks: IMarkdownBlock[],
  text: string
): IMarkdownBlock[] {
  if (!text.includes(']: ')) {
    return blocks;
  }
  const definitions = text.match(DEFINITION);
  if (!definitions) {
    return blocks;
  }
  return blocks.map(block =>
    REFERENCE.test(block.source) && !block.source.startsWith('```')
      ? { ...block, source: `${block.source}\n\n${definitions.join('\n')}` }
      : block
  );
}

/** Finished blocks in fewer, larger ones: what does not grow any more needs no small pieces, and each costs its share. */
export function joined(
  blocks: readonly IMarkdownBlock[],
  atLeast = 3000
): IMarkdownBlock[] {
  const result: IMarkdownBlock[] = [];
  for (const block of blocks) {
    const last = result[result.length - 1];
    if (last && last.source.length < atLeast) {
      result[result.length - 1] = {
        ...last,
        source: last.source + block.source
      };
    } else {
      result.push(block);
    }
  }
  return result;
}
