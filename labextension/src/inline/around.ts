/** What a model is told of the place where the cursor is. */

/** Characters of the cells before and after, at the most: what is far away says little, and costs. */
const BEFORE = 8_000;
const AFTER = 2_000;

/** Between two cells, as the model reads them. */
const BETWEEN = '\n\n';

/**
 * The text before and after the cursor: that of the cell, with the cells around it as far as there is room.
 *
 * @param before - sources of the cells before it.
 * @param after - sources of the cells after it.
 */
export function around(
  text: string,
  offset: number,
  before: readonly string[] = [],
  after: readonly string[] = []
): { prefix: string; suffix: string } {
  let prefix = text.slice(0, offset);
  for (let index = before.length - 1; index >= 0; index--) {
    const source = before[index]!.trimEnd();
    if (!source) {
      continue;
    }
    if (prefix.length + source.length > BEFORE) {
      break;
    }
    prefix = `${source}${BETWEEN}${prefix}`;
  }
  let suffix = text.slice(offset);
  for (const cell of after) {
    const source = cell.trimEnd();
    if (!source) {
      continue;
    }
    if (suffix.length + source.length > AFTER) {
      break;
    }
    suffix = `${suffix}${BETWEEN}${source}`;
  }
  return { prefix, suffix };
}

const LANGUAGES: Readonly<Record<string, string>> = {
  'text/x-ipython': 'python',
  'text/x-python': 'python',
  'text/x-ipythongfm': 'markdown',
  'text/x-gfm': 'markdown',
  'text/x-markdown': 'markdown',
  'text/x-rsrc': 'r'
};

/** The name of the language of a media type. */
export function languageOf(mimeType: string): string {
  return (
    LANGUAGES[mimeType] ??
    mimeType.replace(/^(text|application)\/(x-)?/, '').replace(/;.*/, '')
  );
}
