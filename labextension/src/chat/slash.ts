/** Commands of the box: `/name arguments`. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISession } from '../api/types';
import type { ISlashCommand } from '../tokens';
import { best } from './menu';
import type { IExchange } from './model';

/** What was written: words for the agent, or a command for the panel. */
export type Written =
  | { kind: 'text'; text: string }
  | { kind: 'command'; name: string; args: string };

/**
 * Reads what is in the box. A second slash or a space before the first one makes it text; a path (`/etc/hosts`) is text
 * anyway.
 */
export function parse(written: string): Written {
  if (written.startsWith('//')) {
    return { kind: 'text', text: written.slice(1).trim() };
  }
  const command = /^\/([A-Za-z][A-Za-z0-9-]*)(?:\s+([^]*))?$/.exec(written);
  return command
    ? {
        kind: 'command',
        name: command[1]!.toLowerCase(),
        args: (command[2] ?? '').trim()
      }
    : { kind: 'text', text: written.trim() };
}

/** The panel's own commands and those added to it, by name. Of two with one name the later counts. */
export function merge(
  own: readonly ISlashCommand[],
  added: readonly ISlashCommand[]
): ISlashCommand[] {
  return [
    ...new Map(
      [...own, ...added].map(command => [command.name, command])
    ).values()
  ];
}

/**
 * Those that fit what was typed after the slash, the best first; in alphabetical order where nothing was typed, with
 * those that cannot be done now at the end.
 */
export function matching(
  commands: readonly ISlashCommand[],
  query: string
): ISlashCommand[] {
  const sorted = [...commands].sort((one, other) =>
    one.name.localeCompare(other.name)
  );
  if (query === '') {
    const off = (command: ISlashCommand) =>
      Number(command.isEnabled?.() === false);
    sorted.sort((one, other) => off(one) - off(other));
  }
  return best(sorted, query, command => [command.name, command.label]);
}

/** What the panel's own commands work with. */
export interface ISlashHost {
  session: () => ISession | null;
  /** The last exchange that a turn was run for. */
  last: () => IExchange | null;
  running: () => boolean;
  newChat: () => void;
  clear: () => Promise<void>;
  summarize: (instructions: string) => Promise<void>;
  export: (format: 'md' | 'json' | 'ipynb') => Promise<void>;
  /** Chooses the model that is meant, or lets the user choose. */
  model: (wanted: string) => Promise<void>;
  /** Chooses what the agent may do, or lets the user choose. */
  mode: (wanted: string) => Promise<void>;
  retry: (exchange: IExchange) => Promise<void>;
  rename: (title: string) => Promise<void>;
  archive: () => Promise<void>;
  remove: () => Promise<void>;
  stop: () => Promise<void>;
  providers: () => void;
  help: () => void;
}

const FORMATS = ['md', 'json', 'ipynb'] as const;

/** The panel's own commands. */
export function ownCommands(
  host: ISlashHost,
  trans: TranslationBundle
): ISlashCommand[] {
  const command = (
    name: string,
    label: string,
    execute: ISlashCommand['execute'],
    more: Pick<ISlashCommand, 'hint' | 'isEnabled'> = {}
  ): ISlashCommand => ({ name, label, execute, ...more });
  const open = () => host.session() !== null;
  const idle = () => open() && !host.running();
  const download = async (args: string) => {
    const format = FORMATS.find(
      known => known === (args.toLowerCase() || 'md')
    );
    if (!format) {
      throw new Error(
        trans.__('There is no format %1. There are md, json and ipynb.', args)
      );
    }
    await host.export(format);
  };
  const retry = async () => {
    const exchange = host.last();
    if (exchange) {
      await host.retry(exchange);
    }
  };
  return [
    command(
      'archive',
      trans.__('Put this chat into the archive, or take it out'),
      host.archive,
      { isEnabled: open }
    ),
    command('clear', trans.__('Delete the messages of this chat'), host.clear, {
      isEnabled: idle
    }),
    command('delete', trans.__('Delete this chat'), host.remove, {
      isEnabled: open
    }),
    command('export', trans.__('Download this chat as a file'), download, {
      hint: '[md|json|ipynb]',
      isEnabled: open
    }),
    command('help', trans.__('What can be done here'), host.help),
    command('key', trans.__('Set up a provider and its key'), host.providers),
    command(
      'mode',
      trans.__('Choose what the agent may do without asking'),
      host.mode,
      { hint: '[read-only|ask|auto-edit|auto]' }
    ),
    command('model', trans.__('Choose the model'), host.model, {
      hint: trans.__('[name]')
    }),
    command('new', trans.__('Start an empty chat'), host.newChat),
    command('rename', trans.__('Give this chat another title'), host.rename, {
      hint: trans.__('[title]'),
      isEnabled: open
    }),
    command('retry', trans.__('Ask the last message again'), retry, {
      isEnabled: () => idle() && host.last() !== null
    }),
    command('stop', trans.__('Stop the running turn'), host.stop, {
      isEnabled: host.running
    }),
    command(
      'summarize',
      trans.__('Let a summary stand for the older messages'),
      host.summarize,
      { hint: trans.__('[what matters]'), isEnabled: idle }
    )
  ];
}
