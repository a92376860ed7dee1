/** Grey text at the cursor, by the model: JupyterLab's own inline completer shows and takes it. */
import type {
  CompletionHandler,
  IInlineCompletionContext,
  IInlineCompletionItem,
  IInlineCompletionList,
  IInlineCompletionProvider
} from '@jupyterlab/completer';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import { NotebookPanel } from '@jupyterlab/notebook';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';
import { ApiError } from '../api/errors';
import { agentIcon } from '../icons';
import type { IAgentClient } from '../tokens';
import { around, languageOf } from './around';

type List = IInlineCompletionList<IInlineCompletionItem>;

/** `InlineCompletionTriggerKind.Invoke`: asked for by a key. */
const INVOKED = 0;

/** Milliseconds without a key after which the model is asked: JupyterLab asks at each one. */
const PAUSE = 250;

export interface IInlineSettings {
  /** Whether it answers while the user types, not only when asked for. */
  whileTyping: boolean;
}

export interface IInlineOptions {
  client: IAgentClient;
  trans: TranslationBundle;
  settings: IInlineSettings;
  /** The path that the server knows; null for what is on another drive. */
  serverPath: (path: string) => string | null;
  /** Says why nothing came: once while one types, each time where it was asked for. */
  tell: (message: string) => void;
}

export class AgentInlineProvider implements IInlineCompletionProvider<IInlineCompletionItem> {
  constructor(options: IInlineOptions) {
    this._options = options;
    this.name = options.trans.__('Agent');
  }

  readonly identifier = 'jupyterlab-agent:inline';
  readonly name: string;
  readonly icon: LabIcon.ILabIcon = agentIcon;

  async fetch(
    request: CompletionHandler.IRequest,
    context: IInlineCompletionContext
  ): Promise<List> {
    // What was asked before is of no use any more: the text is another one.
    this._running?.abort();
    const { client, settings, tell } = this._options;
    const invoked = Number(context.triggerKind) === INVOKED;
    if (!invoked && !settings.whileTyping) {
      return { items: [] };
    }
    const controller = new AbortController();
    this._running = controller;
    const { document, path } = placeOf(context.widget, this._options);
    const { prefix, suffix } = around(
      request.text,
      request.offset,
      document.before,
      document.after
    );
    if (!invoked && !prefix.trim()) {
      return { items: [] };
    }
    if (!invoked) {
      await new Promise(resolve => setTimeout(resolve, PAUSE));
      if (controller.signal.aborted) {
        return { items: [] };
      }
    }
    try {
      const { text } = await client.completeCode(
        {
          prefix,
          suffix,
          language: languageOf(request.mimeType ?? ''),
          path
        },
        controller.signal
      );
      this._told = null;
      return {
        items: text && !controller.signal.aborted ? [{ insertText: text }] : []
      };
    } catch (error) {
      if (controller.signal.aborted) {
        return { items: [] };
      }
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof ApiError ? error.code : 'unreachable';
      // Once: somebody who types is not told the same again and again.
      if (invoked || this._told !== code) {
        this._told = code;
        tell(message);
      }
      return { items: [] };
    }
  }

  private _options: IInlineOptions;
  private _running: AbortController | null = null;
  /** Code of the error that was told last. */
  private _told: string | null = null;
}

/** The cells around the active one, and the document's path. */
function placeOf(
  widget: Widget,
  options: IInlineOptions
): { document: { before: string[]; after: string[] }; path: string | null } {
  const { context } = widget as IDocumentWidget;
  const path = context ? options.serverPath(context.path) : null;
  if (!(widget instanceof NotebookPanel) || !widget.content.activeCell) {
    return { document: { before: [], after: [] }, path };
  }
  const { activeCell, activeCellIndex } = widget.content;
  const kind = activeCell.model.type;
  // Of the same kind: prose says little about the next line of code, and the other way round.
  const sources = (cells: Iterable<INotebookCell>): string[] =>
    [...cells]
      .filter(cell => cell.cell_type === kind)
      .map(cell => cell.getSource());
  const cells = widget.content.model?.sharedModel.cells ?? [];
  return {
    document: {
      before: sources(cells.slice(0, activeCellIndex)),
      after: sources(cells.slice(activeCellIndex + 1))
    },
    path
  };
}

interface INotebookCell {
  cell_type: string;
  getSource(): string;
}
