/** What can be done with a block of code in an answer. */
import type { ISessionContextDialogs } from '@jupyterlab/apputils';
import {
  addBelowIcon,
  editIcon,
  notebookIcon,
  runIcon
} from '@jupyterlab/ui-components';
import type { ICodeAction } from '../tokens';
import type { Workspace } from './workspace';

type Edits = typeof import('./edits');

/** The actions of a workspace. */
export function codeActions(
  work: Workspace,
  dialogs: ISessionContextDialogs | null
): ICodeAction[] {
  const { trans } = work;
  const needsNotebook = (): string => trans.__('Open a notebook first.');
  const make = (
    edit: (edits: Edits, code: string, language: string | null) => Promise<void>
  ): ICodeAction['execute'] => {
    return async (code, language) =>
      edit(await import('./edits'), code, language);
  };
  return [
    {
      id: 'insert',
      label: trans.__('Insert below the active cell, or at the cursor'),
      icon: addBelowIcon,
      rank: 10,
      isEnabled: () => work.current !== null,
      disabledReason: () => trans.__('Open a notebook or a file first.'),
      execute: make((edits, code, language) =>
        edits.insert(work, code, language)
      )
    },
    {
      id: 'replace',
      label: trans.__('Replace the active cell'),
      icon: editIcon,
      rank: 20,
      isEnabled: () => Boolean(work.notebook?.content.activeCell),
      disabledReason: needsNotebook,
      execute: make((edits, code, language) =>
        edits.replace(work, code, language)
      )
    },
    {
      id: 'run',
      label: trans.__('Insert below the active cell and run'),
      icon: runIcon,
      rank: 30,
      isEnabled: () => work.notebook !== null,
      disabledReason: needsNotebook,
      execute: make((edits, code, language) =>
        edits.run(work, code, language, dialogs)
      )
    },
    {
      id: 'new-notebook',
      label: trans.__('New notebook with this code'),
      icon: notebookIcon,
      rank: 40,
      isEnabled: () => work.options.docManager !== null,
      disabledReason: () => trans.__('Notebooks cannot be opened here.'),
      execute: make((edits, code, language) =>
        edits.newNotebook(work, code, language)
      )
    }
  ];
}
