/**
 * A conversation as the panel shows it. `stored.ts` makes it of stored messages, `events.ts` changes it by what happens.
 *
 * Pure, as those are: no network, no DOM, no Jupyter. Every function gives a new value and leaves unchanged parts identical, so that
 * what did not change is not drawn again.
 */
import type {
  IMessageVersion,
  InputPart,
  ISession,
  ITask,
  ITurn,
  ITurnError,
  IUsage,
  StopReason
} from '../api/types';
import type { IToolBlock } from '../tools/calls';
import type { IReached } from '../turns/words';

export interface ITextBlock {
  kind: 'text';
  key: string;
  text: string;
}

export interface IThinkingBlock {
  kind: 'thinking';
  key: string;
  text: string;
  /** Null while it is thinking. */
  durationMs: number | null;
  startedAt: number | null;
}

export interface IGuidanceBlock {
  kind: 'guidance';
  key: string;
  text: string;
  state: 'sending' | 'queued' | 'delivered' | 'failed';
}

/** Something that was done about the turn, told in one line. */
export type Note =
  | { about: 'compaction'; strategy: string; before: number; after: number }
  | { about: 'fallback'; model: string; failed: string }
  | { about: 'budget'; reached: IReached };

export interface INoteBlock {
  kind: 'note';
  key: string;
  note: Note;
}

export type Block =
  ITextBlock | IThinkingBlock | IToolBlock | IGuidanceBlock | INoteBlock;

/** What a message that could not be sent failed with. */
export interface ISendFailure {
  code: string;
  message: string;
}

/** The user's message and everything that was done about it. */
export interface IExchange {
  key: string;
  turnId: string | null;
  /** The user's message, once it is known under which name it is stored. */
  messageId: string | null;
  /** Everything of it that is stored, the user's message included. */
  messageIds: readonly string[];
  /** All that was asked in this place, itself included, where it is more than one. */
  versions: readonly IMessageVersion[];
  /** Its place among them. */
  version: number;
  /** Under which the message is sent, however often it is tried. */
  idempotencyKey: string | null;
  /** `sending`: not known to have arrived. `unsent`: refused. `history`: only what is stored. */
  state: 'sending' | 'unsent' | 'running' | 'finished' | 'history';
  role: 'exchange' | 'system';
  text: string;
  parts: InputPart[];
  blocks: Block[];
  provider: string | null;
  model: string | null;
  usage: IUsage | null;
  stopReason: StopReason | null;
  error: ITurnError | null;
  /** The budget that ended it, as its last event says. */
  reached: IReached | null;
  failure: ISendFailure | null;
  /** The user asked to stop it, and it has not ended yet. */
  stopping: boolean;
  /** Index of the next event that is wanted. */
  nextIndex: number;
  createdAt: number;
  /** When the last of the answer came. */
  answeredAt: number | null;
  durationMs: number | null;
}

export interface IConversation {
  session: ISession | null;
  exchanges: readonly IExchange[];
  tasks: readonly ITask[];
  /** Messages of the session before the first one here. */
  earlier: number;
}

export const EMPTY: IConversation = {
  session: null,
  exchanges: [],
  tasks: [],
  earlier: 0
};

export function blank(key: string, createdAt: number): IExchange {
  return {
    key,
    turnId: null,
    messageId: null,
    messageIds: [],
    versions: [],
    version: 0,
    idempotencyKey: null,
    state: 'history',
    role: 'exchange',
    text: '',
    parts: [],
    blocks: [],
    provider: null,
    model: null,
    usage: null,
    stopReason: null,
    error: null,
    reached: null,
    failure: null,
    stopping: false,
    nextIndex: 0,
    createdAt,
    answeredAt: null,
    durationMs: null
  };
}

/** A message on its way. */
export function outgoing(
  text: string,
  parts: InputPart[],
  idempotencyKey: string,
  now: number
): IExchange {
  return {
    ...blank(`send-${idempotencyKey}`, now),
    idempotencyKey,
    state: 'sending',
    text,
    parts
  };
}

/** The exchange of a turn that is running, before its events are read. */
export function ofTurn(turn: ITurn): IExchange {
  return {
    ...blank(turn.id, Date.parse(turn.created_at)),
    turnId: turn.id,
    state: 'running',
    text: turn.message,
    provider: turn.provider ?? null,
    model: turn.model ?? null
  };
}

/** What the server says about a turn that was started or looked at. */
export function withTurn(exchange: IExchange, turn: ITurn): IExchange {
  const finished = turn.status === 'finished';
  return {
    ...exchange,
    turnId: turn.id,
    state: exchange.state === 'finished' ? 'finished' : 'running',
    failure: null,
    provider: turn.provider ?? exchange.provider,
    model: turn.model ?? exchange.model,
    stopReason: finished
      ? (turn.stop_reason ?? exchange.stopReason)
      : exchange.stopReason,
    error: finished ? (turn.error ?? exchange.error) : exchange.error
  };
}

/** The conversation with one exchange changed. */
export function changeExchange(
  conversation: IConversation,
  key: string,
  change: (exchange: IExchange) => IExchange
): IConversation {
  const at = conversation.exchanges.findIndex(exchange => exchange.key === key);
  const before = conversation.exchanges[at];
  if (!before) {
    return conversation;
  }
  const exchanges = [...conversation.exchanges];
  exchanges[at] = change(before);
  return { ...conversation, exchanges };
}

/** The turn that runs now, or the message on its way. */
export function current(conversation: IConversation): IExchange | null {
  for (let at = conversation.exchanges.length - 1; at >= 0; at--) {
    const exchange = conversation.exchanges[at]!;
    if (exchange.state === 'running' || exchange.state === 'sending') {
      return exchange;
    }
  }
  return null;
}

/** All that the agent said in an exchange, as markdown. */
export function answerText(exchange: IExchange): string {
  return exchange.blocks
    .filter(block => block.kind === 'text')
    .map(block => block.text)
    .join('\n\n');
}
