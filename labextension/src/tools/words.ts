/** What tools do, in words. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { list, number, textOrNull } from '../api/read';
import type { IApproval, IChange, Mode } from '../api/types';
import type { CallState, IToolBlock } from './calls';

/** What is drawn as nothing, or turns the direction of what is: controls, formats, odd blanks. */
const HIDDEN =
  /(?![\n\t])(?:[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5)/gu;

/** The text with all that does not show written out: `⟨U+202E⟩`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, character => {
    const code = character.codePointAt(0)!.toString(16).toUpperCase();
    return `⟨U+${code.padStart(4, '0')}⟩`;
  });
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}

/** The first line of something, in few characters. */
function firstLine(value: string, most = 60): string {
  const line = value.trim().split('\n')[0] ?? '';
  const cut = line.length > most || line.length < value.trim().length;
  return cut ? `${line.slice(0, most).trimEnd()}…` : line;
}

/** The argument that says most, for a tool that nobody has words for. */
function brief(args: Record<string, unknown>): string {
  const first = Object.values(args).find(
    value => typeof value === 'string' || typeof value === 'number'
  );
  return first === undefined ? '' : firstLine(String(first));
}

/** Which cells are meant. */
function cells(call: IToolBlock, trans: TranslationBundle): string {
  const { args } = call;
  const ids = list<string>(args.cell_ids);
  const changes = list<IChange>(call.metadata.changes ?? call.asked?.changes);
  const title = changes.length === 1 ? changes[0]!.title : '';
  if (title) {
    return title;
  }
  if (ids.length > 0) {
    return trans._n('%1 cell', '%1 cells', ids.length);
  }
  const start = number(args.start);
  const end = number(args.end);
  if (start !== null && end !== null && end !== start) {
    return trans.__('cells %1–%2', start, end);
  }
  if (start !== null) {
    return end === null
      ? trans.__('cells from %1', start)
      : trans.__('cell %1', start);
  }
  return textOrNull(args.cell_id) === null
    ? trans.__('the cells')
    : trans.__('a cell');
}

/** What a call does, as one line: from the tool's name and the arguments. */
export function sentence(call: IToolBlock, trans: TranslationBundle): string {
  return visible(said(call, trans));
}

function said(call: IToolBlock, trans: TranslationBundle): string {
  const { name, args } = call;
  const path = textOrNull(args.path);
  const file = path === null ? null : fileName(path);
  const inFile = (what: string) =>
    file === null ? what : trans.__('%1 of %2', what, file);
  const some = (key: string) => firstLine(textOrNull(args[key]) ?? '');
  switch (name) {
    case 'list_notebooks':
      return trans.__('Look which notebooks are open');
    case 'notebook_map':
      return trans.__('Look over %1', file ?? trans.__('the notebook'));
    case 'read_cells':
      return trans.__('Read %1', inFile(cells(call, trans)));
    case 'insert_cell':
      return file === null
        ? trans.__('Insert a cell')
        : trans.__('Insert a cell into %1', file);
    case 'edit_cell':
      return trans.__('Edit %1', inFile(cells(call, trans)));
    case 'delete_cell':
      return trans.__('Delete %1', inFile(cells(call, trans)));
    case 'move_cell':
      return trans.__('Move %1', inFile(cells(call, trans)));
    case 'run_cells':
      return trans.__('Run %1', inFile(cells(call, trans)));
    case 'run_all':
      return trans.__('Run %1', file ?? trans.__('the notebook'));
    case 'clear_outputs':
      return trans.__(
        'Clear the outputs of %1',
        file ?? trans.__('the notebook')
      );
    case 'create_notebook':
      return trans.__('Create %1', file ?? trans.__('a notebook'));
    case 'save_notebook':
      return trans.__('Save %1', file ?? trans.__('the notebook'));
    case 'run_code':
      return trans.__('Run %1', some('code'));
    case 'list_variables':
      return trans.__('List the variables');
    case 'inspect_variable':
      return trans.__('Inspect %1', some('name'));
    case 'complete_code':
      return trans.__('Look up %1', some('code'));
    case 'kernel_status':
      return trans.__('Ask how the kernel does');
    case 'interrupt_kernel':
      return trans.__('Interrupt the kernel');
    case 'restart_kernel':
      return trans.__('Restart the kernel');
    case 'list_files':
      return trans.__('List the files of %1', path || trans.__('the root'));
    case 'read_file': {
      const start = number(args.start);
      const end = number(args.end);
      return start !== null && end !== null
        ? trans.__('Read lines %1–%2 of %3', start, end, file ?? '')
        : trans.__('Read %1', file ?? '');
    }
    case 'write_file':
      return trans.__('Write %1', file ?? '');
    case 'edit_file':
      return trans.__('Edit %1', file ?? '');
    case 'make_directory':
      return trans.__('Make the folder %1', path ?? '');
    case 'rename_file': {
      const to = some('new_path') || some('to') || some('new');
      return to
        ? trans.__('Rename %1 to %2', file ?? '', to)
        : trans.__('Rename %1', file ?? '');
    }
    case 'delete_file':
      return trans.__('Delete %1', file ?? '');
    case 'find_files':
      return trans.__('Find files: %1', some('pattern'));
    case 'search_files':
      return trans.__('Search the files for %1', some('text'));
    case 'run_command':
      return trans.__('Run in a terminal: %1', some('command'));
    case 'command_output':
      return trans.__('Read what the command said');
    case 'stop_command':
      return trans.__('Stop the command');
    case 'git_status':
      return trans.__('Look at the state of the repository');
    case 'git_diff':
      return trans.__('Look at the changes in the repository');
    case 'git_log':
      return trans.__('Look at the history of the repository');
    case 'git_branches':
      return trans.__('List the branches');
    case 'git_commit':
      return trans.__('Commit: %1', some('message'));
    case 'git_checkout':
      return trans.__('Check out %1', some('branch') || brief(args));
    case 'fetch_page':
      return trans.__('Fetch %1', some('url'));
    case 'web_search':
      return trans.__('Search the web for %1', some('query'));
    case 'read_result':
      return trans.__('Read on in a long result');
    case 'update_tasks':
      return trans.__('Update the to-do list');
    case 'open_file':
      return trans.__('Open %1', file ?? brief(args));
    case 'show_diff':
      return trans.__('Show the changes of %1', file ?? brief(args));
    default: {
      const first = brief(args);
      return first ? trans.__('%1: %2', name, first) : name;
    }
  }
}

/** Where a call runs that the server leaves to its client, in few words. */
export function runsWhere(name: string, trans: TranslationBundle): string {
  return name === 'open_file' || name === 'show_diff'
    ? trans.__('in your window')
    : trans.__('in your notebook');
}

export function stateLabel(state: CallState, trans: TranslationBundle): string {
  switch (state) {
    case 'running':
      return trans.__('running');
    case 'waiting':
      return trans.__('waits for you');
    case 'done':
      return trans.__('done');
    case 'error':
      return trans.__('failed');
    case 'denied':
      return trans.__('not allowed');
    case 'unknown':
      return trans.__('not finished');
  }
}

/** What a call needs, in words; null for what nobody is asked about. */
function needs(capability: string, trans: TranslationBundle): string | null {
  switch (capability) {
    case 'notebook_edit':
      return trans.__('Changes the notebook');
    case 'file_write':
      return trans.__('Changes files');
    case 'execute':
      return trans.__('Runs code in a kernel');
    case 'shell':
      return trans.__('Runs a command');
    case 'network':
      return trans.__('Reaches the network');
    case 'external_directory':
      return trans.__('Leaves the server’s folder');
    case 'secret':
      return trans.__('Touches what looks like a secret');
    default:
      return null;
  }
}

/**
 * Why a call is asked about, as one line: what it needs, and the rule that asks, where one does. Where it is the mode that
 * asks, what the call needs says all.
 */
export function whyAsked(
  question: {
    reason: string;
    askedBy: IApproval['asked_by'];
    capabilities: readonly string[];
  },
  trans: TranslationBundle
): string {
  const { capabilities, reason } = question;
  const said = capabilities
    .map(capability => needs(capability, trans))
    .filter(words => words !== null);
  return [
    ...said,
    ...(reason && (question.askedBy !== 'mode' || said.length === 0)
      ? [trans.__('Why it asks: %1', visible(reason))]
      : [])
  ].join(' · ');
}

/** A call without the fence that makes it a block of code elsewhere. */
export function unfenced(shown: string): string {
  const fenced = /^(`{3,})\n([^]*)\n\1$/.exec(shown.trim());
  return fenced ? fenced[2]! : shown;
}

/** What is shown of a change, before the file that it is in. */
export function changeTitle(change: IChange, trans: TranslationBundle): string {
  const title = change.title || fileName(change.path);
  const where =
    change.kind === 'cell'
      ? trans.__('%1 of %2', title, fileName(change.path))
      : title;
  switch (change.action) {
    case 'create':
      return trans.__('New: %1', where);
    case 'delete':
      return trans.__('Deleted: %1', where);
    case 'move':
      return trans.__('Moved: %1', where);
    case 'rename':
      return trans.__('Renamed: %1', where);
    case 'outputs':
      return trans.__('Outputs: %1', where);
    case 'edit':
      return where;
  }
}

/** The modes, from the least that an agent may do to the most. */
export const MODES: readonly Mode[] = ['read_only', 'ask', 'auto_edit', 'auto'];

export function modeName(mode: Mode, trans: TranslationBundle): string {
  switch (mode) {
    case 'read_only':
      return trans.__('Read only');
    case 'ask':
      return trans.__('Ask');
    case 'auto_edit':
      return trans.__('Auto edit');
    case 'auto':
      return trans.__('Auto');
  }
}

export function modeMeans(mode: Mode, trans: TranslationBundle): string {
  switch (mode) {
    case 'read_only':
      return trans.__('It looks at things and changes nothing.');
    case 'ask':
      return trans.__('It looks by itself and asks before anything else.');
    case 'auto_edit':
      return trans.__(
        'It also edits notebooks and files by itself; that can be undone. It asks before it runs anything.'
      );
    case 'auto':
      return trans.__(
        'It does by itself whatever no rule forbids: it runs code and commands, too.'
      );
  }
}

/** The mode that was meant by what somebody typed: `auto edit`, `auto-edit`, `ask`. */
export function modeNamed(wanted: string): Mode | null {
  const name = wanted
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  return MODES.find(mode => mode === name) ?? null;
}
