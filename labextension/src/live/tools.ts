/** Does what the tools do that this page offers to agents. */
import { MainAreaWidget } from '@jupyterlab/apputils';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { FileEditor } from '@jupyterlab/fileeditor';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import { agentIcon } from '../icons';
import type { IToolResult } from './bridge';
import type { OpenDocuments } from './documents';

interface IToolOptions {
  shell: JupyterFrontEnd.IShell;
  docManager: IDocumentManager;
  contents: Contents.IManager;
  documents: OpenDocuments;
  trans: TranslationBundle;
}

/** Runs one of them. */
export async function callTool(
  options: IToolOptions,
  name: string,
  args: Record<string, unknown>
): Promise<IToolResult> {
  switch (name) {
    case 'open_file':
      return openFile(options, String(args.path), args.line);
    case 'show_diff':
      return showDiff(options, args);
    default:
      return { content: `There is no tool ${name} here.`, is_error: true };
  }
}

async function openFile(
  { docManager, contents, documents, shell }: IToolOptions,
  path: string,
  line: unknown
): Promise<IToolResult> {
  // Of what is open the drive may be another than that of the path.
  const open = documents.notebook(path) ?? documents.file(path);
  if (!open) {
    try {
      const model = await contents.get(path, { content: false });
      if (model.type === 'directory') {
        return { content: `${path} is a directory.`, is_error: true };
      }
    } catch (error) {
      return {
        content: `${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
        is_error: true
      };
    }
  }
  const found =
    open && 'contentsModel' in open
      ? docManager.findWidget(open.path, null)
      : open;
  if (found) {
    shell.activateById(found.id);
  }
  const widget = found ?? docManager.openOrReveal(path);
  if (!widget) {
    // Jupyter Notebook opens it in another tab of the browser.
    return {
      content: `The browser was asked to open ${path} in a tab of its own; it may not let a page do so.`
    };
  }
  await (widget as IDocumentWidget).revealed;
  const { content } = widget as IDocumentWidget<FileEditor>;
  if (typeof line !== 'number' || !('editor' in content)) {
    return { content: `Opened ${path}.` };
  }
  const { editor } = content;
  const at = { line: Math.min(line, editor.lineCount) - 1, column: 0 };
  editor.setCursorPosition(at);
  editor.revealPosition(at);
  return { content: `Opened ${path} at line ${at.line + 1}.` };
}

async function showDiff(
  { shell, trans }: IToolOptions,
  args: Record<string, unknown>
): Promise<IToolResult> {
  const path = String(args.path);
  const { DiffTab } = await import('./diffTab');
  const content = new DiffTab({
    path,
    before: String(args.before),
    after: String(args.after),
    trans
  });
  const widget = new MainAreaWidget({ content });
  widget.id = `jp-agent-diff-${crypto.randomUUID()}`;
  widget.title.label =
    typeof args.title === 'string' && args.title
      ? args.title
      : trans.__('Changes to %1', PathExt.basename(path));
  widget.title.caption = path;
  widget.title.icon = agentIcon;
  widget.title.closable = true;
  shell.add(widget, 'main', { mode: 'tab-after' });
  if (!widget.isAttached) {
    // Jupyter Notebook's main area is the document's alone.
    shell.add(widget, 'down');
  }
  if (!widget.isAttached) {
    widget.dispose();
    return { content: 'This page has no room for it.', is_error: true };
  }
  shell.activateById(widget.id);
  return { content: 'The user sees the difference in a tab.' };
}
