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
  const open = () => host.session() !== null;
  const idle = () => open() && !host.running();
  return [
    {
      name: 'archive',
      label: trans.__('Put this chat into the archive, or take it out'),
      isEnabled: open,
      execute: () => host.archive()
    },
    {
      name: 'clear',
      label: trans.__('Delete the messages of this chat'),
      isEnabled: idle,
      execute: () => host.clear()
    },
    {
      name: 'delete',
      label: trans.__('Delete this chat'),
      isEnabled: open,
      execute: () => host.remove()
    },
    {
      name: 'export',
      label: trans.__('Download this chat as a file'),
      hint: '[md|json|ipynb]',
      isEnabled: open,
      execute: async args => {
        const format = FORMATS.find(
          known => known === (args.toLowerCase() || 'md')
        );
        if (!format) {
          throw new Error(
            trans.__(
              'There is no format %1. There are md, json and ipynb.',
              args
            )
          );
        }
        await host.export(format);
      }
    },
    {
      name: 'help',
      label: trans.__('What can be done here'),
      execute: () => host.help()
    },
    {
      name: 'key',
      label: trans.__('Set up a provider and its key'),
      execute: () => host.providers()
    },
    {
      name: 'model',
      label: trans.__('Choose the model'),
      hint: trans.__('[name]'),
      execute: args => host.model(args)
    },
    {
      name: 'new',
      label: trans.__('Start an empty chat'),
      execute: () => host.newChat()
    },
    {
      name: 'rename',
      label: trans.__('Give this chat another title'),
      hint: trans.__('[title]'),
      isEnabled: open,
      execute: args => host.rename(args)
    },
    {
      name: 'retry',
      label: trans.__('Ask the last message again'),
      isEnabled: () => idle() && host.last() !== null,
      execute: async () => {
        const exchange = host.last();
        if (exchange) {
          await host.retry(exchange);
        }
      }
    },
    {
      name: 'stop',
      label: trans.__('Stop the running turn'),
      isEnabled: () => host.running(),
      execute: () => host.stop()
    },
    {
      name: 'summarize',
      label: trans.__('Let a summary stand for the older messages'),
      hint: trans.__('[what matters]'),
      isEnabled: idle,
      execute: args => host.summarize(args)
    }
  ];
}
