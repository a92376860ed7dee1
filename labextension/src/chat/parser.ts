import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';

/** Milliseconds that the parser may take to load before words are shown as they are written. */
const PATIENCE = 10_000;

type Parser = NonNullable<IRenderMimeRegistry['markdownParser']>;

const loading = new WeakMap<Parser, Promise<void>>();

/**
 * Loads JupyterLab's markdown parser.
 *
 * @returns resolves when markdown can be drawn; rejects where the parser did not come. JupyterLab asks for it once: when
 * that fails, as it does without a network, whoever wants something drawn later waits for ever.
 */
export function parserLoaded(rendermime: IRenderMimeRegistry): Promise<void> {
  const parser = rendermime.markdownParser;
  if (!parser) {
    return Promise.resolve();
  }
  let known = loading.get(parser);
  if (!known) {
    known = Promise.race([
      parser.render('').then(() => {
        // Also when it comes late: from now on it is there.
        loading.set(parser, Promise.resolve());
      }),
      new Promise<never>((_, reject) =>
        setTimeout(
          reject,
          PATIENCE,
          new Error('The markdown parser did not load.')
        )
      )
    ]);
    loading.set(parser, known);
  }
  return known;
}
