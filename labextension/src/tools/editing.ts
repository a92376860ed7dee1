/** How the arguments of a call are edited before it is allowed. Pure. */
import type { IChange } from '../api/types';

/** Arguments that are a text of their own, the most telling first. */
const TEXTS = [
  'source',
  'code',
  'command',
  'content',
  'text',
  'new',
  'message'
] as const;

/** A call as it is edited: a text, where it has one, and everything else as JSON. */
export interface IEditable {
  /** Name of the argument that is edited as text; null where there is none. */
  textName: string | null;
  text: string;
  /** The other arguments as JSON; empty where there are none. */
  rest: string;
  /** Of the text; null where it is not known. */
  language: string | null;
  path: string | null;
}

export function editable(
  args: Record<string, unknown>,
  changes: readonly IChange[]
): IEditable {
  const textName = TEXTS.find(name => typeof args[name] === 'string') ?? null;
  const others = Object.entries(args).filter(([name]) => name !== textName);
  const [change] = changes;
  return {
    textName,
    text: textName === null ? '' : String(args[textName]),
    rest:
      others.length > 0 || textName === null
        ? JSON.stringify(Object.fromEntries(others), null, 2)
        : '',
    language:
      change?.language ??
      (textName === 'code' ? 'python' : textName === 'command' ? 'bash' : null),
    path: change?.path ?? (typeof args.path === 'string' ? args.path : null)
  };
}

/**
 * The arguments that an edited call has.
 *
 * @throws Error where what was written is no JSON object.
 */
export function edited(
  before: IEditable,
  text: string,
  rest: string
): Record<string, unknown> {
  const others: unknown = rest.trim() === '' ? {} : JSON.parse(rest);
  if (typeof others !== 'object' || others === null || Array.isArray(others)) {
    throw new TypeError('not an object');
  }
  return {
    ...(others as Record<string, unknown>),
    ...(before.textName === null ? {} : { [before.textName]: text })
  };
}
