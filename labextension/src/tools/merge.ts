/** Draws the difference between two texts. Loaded when the first one is shown: CodeMirror's merge view comes with it. */
import {
  MergeView,
  getChunks,
  unifiedMergeView,
  type Chunk
} from '@codemirror/merge';
import { syntaxHighlighting } from '@codemirror/language';
import { EditorState, type Extension, type Text } from '@codemirror/state';
import {
  EditorView,
  ViewPlugin,
  highlightSpecialChars,
  lineNumbers
} from '@codemirror/view';
import {
  EditorLanguageRegistry,
  jupyterHighlightStyle
} from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Unchanged lines that stay around a change, and how many have to lie between two for the rest to be folded. */
const COLLAPSE = { margin: 2, minSize: 5 };

/** Large texts that have little in common are compared roughly rather than for long. */
const DIFF = { scanLimit: 500, timeout: 200 };

export interface IDiffOptions {
  /** Null where there was nothing. */
  before: string | null;
  /** Null where nothing is left. */
  after: string | null;
  mode: 'inline' | 'side';
  /** Name or media type of the language; the file's name is asked where it is left out. */
  language?: string | null;
  file?: string;
  /** What it is about, for those who do not see it. */
  label?: string;
  trans: TranslationBundle;
}

export interface IDrawnDiff {
  /** Lines that are new, and lines that are gone. */
  added: number;
  removed: number;
  dispose: () => void;
}

let languages: EditorLanguageRegistry | null = null;

/** The language's highlighting; nothing where it is not known. */
async function highlighting(
  language: string | null | undefined,
  file: string | undefined
): Promise<Extension> {
  if (!languages) {
    languages = new EditorLanguageRegistry();
    for (const known of EditorLanguageRegistry.getDefaultLanguages()) {
      languages.addLanguage(known);
    }
  }
  const found =
    (language
      ? (languages.findByMIME(language, true) ??
        languages.findByName(language) ??
        languages.findByExtension(language))
      : null) ?? (file ? languages.findByFileName(file) : null);
  const loaded = found ? await languages.getLanguage(found) : null;
  return loaded?.support ?? [];
}

/** Folded lines are a button to the keyboard, too. */
const foldsByKey = ViewPlugin.fromClass(
  class {
    constructor(readonly view: EditorView) {
      this._observer.observe(view.contentDOM, { childList: true });
      this.mark();
    }

    mark(): void {
      const folds =
        this.view.contentDOM.querySelectorAll<HTMLElement>(
          '.cm-collapsedLines'
        );
      for (const fold of folds) {
        if (fold.tabIndex !== 0) {
          fold.tabIndex = 0;
          fold.setAttribute('role', 'button');
          fold.addEventListener('keydown', event => {
            if (event.key === 'Enter' || event.key === ' ') {
              event.preventDefault();
              event.stopPropagation();
              fold.click();
              this.view.contentDOM.focus();
            }
          });
        }
      }
    }

    destroy(): void {
      this._observer.disconnect();
    }

    private _observer = new MutationObserver(() => this.mark());
  }
);

function lines(text: Text, from: number, to: number): number {
  return to > from
    ? text.lineAt(Math.min(to - 1, text.length)).number -
        text.lineAt(from).number +
        1
    : 0;
}

function count(
  chunks: readonly Chunk[],
  before: Text,
  after: Text
): { added: number; removed: number } {
  let [added, removed] = [0, 0];
  for (const chunk of chunks) {
    added += after.length > 0 ? lines(after, chunk.fromB, chunk.toB) : 0;
    removed += before.length > 0 ? lines(before, chunk.fromA, chunk.toA) : 0;
  }
  return { added, removed };
}

/** Draws a difference into an element. */
export async function drawDiff(
  parent: HTMLElement,
  options: IDiffOptions
): Promise<IDrawnDiff> {
  const { trans } = options;
  const support = await highlighting(options.language, options.file);
  const before = options.before ?? '';
  const after = options.after ?? '';
  // Where there was nothing, or nothing is left, all of it is changed.
  const both = before !== '' && after !== '';
  const about = options.label ?? '';
  const common = (label: string): Extension => [
    lineNumbers(),
    // What does not show is no way to hide something.
    highlightSpecialChars({ addSpecialChars: /[\u202a-\u202e\u2066-\u2069]/g }),
    EditorState.readOnly.of(true),
    // Not to be written in, but to be reached, read and scrolled.
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({
      // What it says of itself, that it is read-only and of several lines, is said of a text box.
      role: 'textbox',
      tabindex: '0',
      'aria-label': label
    }),
    EditorState.phrases.of({
      '$ unchanged lines': trans.__('$ unchanged lines')
    }),
    syntaxHighlighting(jupyterHighlightStyle),
    support,
    foldsByKey
  ];
  if (options.mode === 'side') {
    const view = new MergeView({
      a: { doc: before, extensions: common(trans.__('%1 before', about)) },
      b: { doc: after, extensions: common(trans.__('%1 after', about)) },
      highlightChanges: both,
      collapseUnchanged: COLLAPSE,
      diffConfig: DIFF,
      parent
    });
    return {
      ...count(view.chunks, view.a.state.doc, view.b.state.doc),
      dispose: () => view.destroy()
    };
  }
  const view = new EditorView({
    doc: after,
    extensions: [
      common(trans.__('%1 changes', about)),
      EditorView.lineWrapping,
      unifiedMergeView({
        original: before,
        mergeControls: false,
        highlightChanges: both,
        collapseUnchanged: COLLAPSE,
        diffConfig: DIFF
      })
    ],
    parent
  });
  const original = EditorState.create({ doc: before }).doc;
  return {
    ...count(getChunks(view.state)?.chunks ?? [], original, view.state.doc),
    dispose: () => view.destroy()
  };
}
