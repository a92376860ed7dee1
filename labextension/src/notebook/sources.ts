/** What can be attached of notebooks and files. What reads them is loaded when the first one is read. */
import type { Cell } from '@jupyterlab/cells';
import {
  codeIcon,
  fileIcon,
  markdownIcon,
  notebookIcon,
  textEditorIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import type { IContextSource, IContextSuggestion } from '../tokens';
import { cellRef, fileRef, selectionRef, SourceIDs } from './refs';
import type { Workspace } from './workspace';

/** Suggestions of one kind in the menu at the most. */
const MOST = 50;

function matches(query: string, ...texts: string[]): boolean {
  const words = query.toLowerCase().split(/\s+/);
  const text = texts.join(' ').toLowerCase();
  return words.every(word => text.includes(word));
}

function cellIcon(cell: Cell): LabIcon {
  return cell.model.type === 'code' ? codeIcon : markdownIcon;
}

/** The first line that says something. */
function detail(cell: Cell): string {
  const source = cell.model.sharedModel.getSource();
  return /\S.*/.exec(source.slice(0, 2_000))?.[0].slice(0, 60) ?? '';
}

export function notebookSource(work: Workspace): IContextSource {
  const suggestion = (path: string): IContextSuggestion => ({
    ref: fileRef(work, path),
    icon: notebookIcon,
    detail: work.contents.localPath(work.folderOf(path))
  });
  return {
    id: SourceIDs.notebook,
    label: work.trans.__('Notebooks'),
    icon: notebookIcon,
    rank: 10,
    suggest: query =>
      Promise.resolve(
        [...new Set(work.openNotebooks().map(panel => panel.context.path))]
          .filter(path => matches(query, path))
          .map(suggestion)
      ),
    current: () => {
      const { current } = work;
      return current && 'notebook' in current
        ? [suggestion(current.notebook.context.path)]
        : [];
    },
    currentChanged: work.changed,
    read: async ref => (await import('./read')).readNotebook(work, ref),
    reveal: async ref => (await import('./read')).revealDocument(work, ref)
  };
}

export function cellSource(work: Workspace): IContextSource {
  const { trans } = work;
  return {
    id: SourceIDs.cell,
    label: trans.__('Cells'),
    icon: codeIcon,
    rank: 20,
    suggest: query => {
      const panel = work.notebook;
      if (!panel) {
        return Promise.resolve([]);
      }
      const { widgets, activeCell } = panel.content;
      // The active cell first, then as they stand.
      const cells = [...widgets].sort(
        (a, b) => Number(b === activeCell) - Number(a === activeCell)
      );
      const found: IContextSuggestion[] = [];
      for (const cell of cells) {
        const ref = cellRef(work, panel, cell);
        if (
          matches(query, ref.name, cell.model.sharedModel.getSource()) &&
          found.push({ ref, icon: cellIcon(cell), detail: detail(cell) }) ===
            MOST
        ) {
          break;
        }
      }
      return Promise.resolve(found);
    },
    current: () => {
      const { current } = work;
      if (!current || !('notebook' in current)) {
        return [];
      }
      const cell = current.notebook.content.activeCell;
      return cell
        ? [
            {
              ref: cellRef(work, current.notebook, cell),
              icon: cellIcon(cell),
              detail: detail(cell)
            }
          ]
        : [];
    },
    currentChanged: work.changed,
    read: async ref => (await import('./read')).readCell(work, ref),
    reveal: async ref => (await import('./read')).revealCell(work, ref)
  };
}

export function selectionSource(work: Workspace): IContextSource {
  const current = (): IContextSuggestion[] => {
    const selection = work.selection();
    return selection
      ? [
          {
            ref: selectionRef(work, selection),
            icon: textEditorIcon,
            detail: selection.text.trim().split('\n', 1)[0]?.slice(0, 60) ?? ''
          }
        ]
      : [];
  };
  return {
    id: SourceIDs.selection,
    label: work.trans.__('Selection'),
    icon: textEditorIcon,
    rank: 30,
    suggest: query =>
      Promise.resolve(
        current().filter(({ ref, detail }) =>
          matches(query, ref.name, detail ?? '')
        )
      ),
    current,
    currentChanged: work.changed,
    read: async ref => (await import('./read')).readSelection(work, ref),
    reveal: async ref => (await import('./read')).revealSelection(work, ref)
  };
}

export function fileSource(work: Workspace): IContextSource {
  return {
    id: SourceIDs.file,
    label: work.trans.__('Files'),
    icon: fileIcon,
    rank: 40,
    suggest: async query => (await import('./files')).findFiles(work, query),
    current: () => {
      const { current } = work;
      return current && 'editor' in current
        ? [
            {
              ref: fileRef(work, current.editor.context.path),
              icon: textEditorIcon,
              detail: work.contents.localPath(
                work.folderOf(current.editor.context.path)
              )
            }
          ]
        : [];
    },
    currentChanged: work.changed,
    read: async ref => (await import('./read')).readFile(work, ref),
    reveal: async ref => (await import('./read')).revealDocument(work, ref)
  };
}
