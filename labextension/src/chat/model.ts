/**
 * A conversation as the panel shows it, and how events and stored messages change it.
 *
 * Pure: no network, no DOM, no Jupyter. Every function gives a new value and leaves unchanged parts identical, so that
 * what did not change is not drawn again.
 */
import type {
  IMessage,
  IMessageVersion,
  InputPart,
  ISession,
  ITask,
  ITurn,
  ITurnError,
  ITurnEvent,
  IUsage,
  Part,
  StopReason
} from '../api/types';

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

export type ToolState = 'running' | 'waiting' | 'done' | 'error' | 'unknown';

export interface IToolBlock {
  kind: 'tool';
  key: string;
  name: string;
  args: Record<string, unknown>;
  state: ToolState;
  content: string;
  progress: number | null;
  durationMs: number | null;
}

export interface IGuidanceBlock {
  kind: 'guidance';
  key: string;
  text: string;
  state: 'sending' | 'queued' | 'delivered' | 'failed';
}

export type Block = ITextBlock | IThinkingBlock | IToolBlock | IGuidanceBlock;

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

function blank(key: string, createdAt: number): IExchange {
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

function isInput(part: Part): part is InputPart {
  return (
    part.type === 'text' || part.type === 'image' || part.type === 'context'
  );
}

function blocksOf(message: IMessage, known: readonly Block[]): Block[] {
  const blocks = [...known];
  message.parts.forEach((part, index) => {
    const key = `${message.id}-${index}`;
    switch (part.type) {
      case 'text':
        if (part.text) {
          blocks.push({ kind: 'text', key, text: part.text });
        }
        break;
      case 'thinking':
        blocks.push({
          kind: 'thinking',
          key,
          text: part.text,
          durationMs: part.duration_ms ?? 0,
          startedAt: null
        });
        break;
      case 'tool_call':
        blocks.push({
          kind: 'tool',
          key: part.tool_call_id,
          name: part.name,
          args: part.args ?? {},
          state: 'unknown',
          content: '',
          progress: null,
          durationMs: null
        });
        break;
      case 'tool_result': {
        const at = blocks.findIndex(
          block => block.kind === 'tool' && block.key === part.tool_call_id
        );
        const before = blocks[at];
        const done: IToolBlock = {
          kind: 'tool',
          key: part.tool_call_id,
          name: before?.kind === 'tool' ? before.name : (part.name ?? ''),
          args: before?.kind === 'tool' ? before.args : {},
          state: part.is_error ? 'error' : 'done',
          content: part.content,
          progress: null,
          durationMs: part.duration_ms ?? null
        };
        if (at >= 0) {
          blocks[at] = done;
        } else {
          blocks.push(done);
        }
        break;
      }
      default:
        break;
    }
  });
  return blocks;
}

function addUsage(first: IUsage | null, second: IUsage | null): IUsage | null {
  if (!first || !second) {
    return first ?? second;
  }
  const cost =
    first.cost && second.cost
      ? String(Number(first.cost) + Number(second.cost))
      : (first.cost ?? second.cost ?? null);
  return {
    input: first.input + second.input,
    output: first.output + second.output,
    cache_read: first.cache_read + second.cache_read,
    cache_write: first.cache_write + second.cache_write,
    requests: first.requests + second.requests,
    cost
  };
}

/**
 * Stored messages as exchanges: those of one turn belong together.
 *
 * @param runningTurnId - what this turn has said is left to its events, which have all of it.
 */
export function fromMessages(
  messages: readonly IMessage[],
  runningTurnId: string | null = null
): IExchange[] {
  const exchanges: IExchange[] = [];
  for (const message of messages) {
    const createdAt = Date.parse(message.created_at);
    const turnId = message.turn_id ?? null;
    let at = turnId
      ? exchanges.findIndex(exchange => exchange.turnId === turnId)
      : -1;
    if (message.role === 'system') {
      exchanges.push({
        ...blank(message.id, createdAt),
        role: 'system',
        messageIds: [message.id],
        text: message.text
      });
      continue;
    }
    if (message.role === 'user') {
      if (at >= 0) {
        // A second message of the user in one turn is guidance that was delivered.
        const exchange = exchanges[at]!;
        if (turnId !== runningTurnId) {
          exchanges[at] = {
            ...exchange,
            messageIds: [...exchange.messageIds, message.id],
            blocks: [
              ...exchange.blocks,
              {
                kind: 'guidance',
                key: message.id,
                text: message.text,
                state: 'delivered'
              }
            ]
          };
        }
      } else {
        exchanges.push({
          ...blank(turnId ?? message.id, createdAt),
          turnId,
          messageId: message.id,
          messageIds: [message.id],
          versions: message.versions ?? [],
          version: message.version ?? 0,
          state:
            turnId !== null && turnId === runningTurnId ? 'running' : 'history',
          text: message.text,
          parts: message.parts.filter(isInput).filter(p => p.type !== 'text')
        });
      }
      continue;
    }
    if (turnId !== null && turnId === runningTurnId) {
      continue;
    }
    if (at < 0 && turnId === null) {
      // An answer that was put into the history belongs to the message before it.
      const last = exchanges[exchanges.length - 1];
      if (last && last.turnId === null && last.role === 'exchange') {
        at = exchanges.length - 1;
      }
    }
    if (at < 0) {
      exchanges.push({ ...blank(turnId ?? message.id, createdAt), turnId });
      at = exchanges.length - 1;
    }
    const exchange = exchanges[at]!;
    exchanges[at] = {
      ...exchange,
      messageIds: [...exchange.messageIds, message.id],
      answeredAt: createdAt,
      blocks: blocksOf(message, exchange.blocks),
      provider: message.provider ?? exchange.provider,
      model: message.model ?? exchange.model,
      usage: addUsage(exchange.usage, message.usage ?? null),
      stopReason:
        (message.stop_reason as StopReason | null | undefined) ??
        exchange.stopReason,
      durationMs: message.duration_ms ?? exchange.durationMs
    };
  }
  return exchanges;
}

/** The conversation with earlier messages before it; a turn that the border cut is one again. */
export function prepend(
  conversation: IConversation,
  earlier: readonly IExchange[],
  stillEarlier: number
): IConversation {
  const [first, ...rest] = conversation.exchanges;
  const last = earlier[earlier.length - 1];
  const exchanges =
    first && last && last.turnId !== null && first.turnId === last.turnId
      ? [
          ...earlier.slice(0, -1),
          {
            ...first,
            text: last.text,
            parts: last.parts,
            messageId: last.messageId,
            messageIds: [...last.messageIds, ...first.messageIds],
            versions: last.versions,
            version: last.version,
            blocks: [...last.blocks, ...first.blocks],
            createdAt: last.createdAt
          },
          ...rest
        ]
      : [...earlier, ...conversation.exchanges];
  return { ...conversation, exchanges, earlier: stillEarlier };
}

function sameVersions(one: IExchange, other: IExchange): boolean {
  return (
    one.version === other.version &&
    one.versions.length === other.versions.length &&
    one.versions.every(
      (version, at) => version.message_id === other.versions[at]!.message_id
    )
  );
}

/**
 * The conversation with what is stored by now: under which names, and what else was asked in the same places. What is
 * shown stays; an exchange of which nothing is new stays the very same.
 */
export function withStored(
  conversation: IConversation,
  messages: readonly IMessage[]
): IConversation {
  const stored = fromMessages(messages);
  let changed = false;
  const exchanges = conversation.exchanges.map(exchange => {
    const twin = stored.find(
      other =>
        other.messageId !== null &&
        (other.messageId === exchange.messageId ||
          (other.turnId !== null && other.turnId === exchange.turnId))
    );
    const news =
      twin &&
      (exchange.messageId !== twin.messageId ||
        exchange.messageIds.length < twin.messageIds.length ||
        !sameVersions(exchange, twin));
    if (!news) {
      return exchange;
    }
    changed = true;
    const { messageId, messageIds, versions, version } = twin;
    // What was sent as data is a picture with a name now.
    const parts = twin.parts.length > 0 ? twin.parts : exchange.parts;
    return { ...exchange, messageId, messageIds, versions, version, parts };
  });
  return changed ? { ...conversation, exchanges } : conversation;
}

/** What the turns say that their messages do not: how they ended, and the errors. */
export function withOutcomes(
  exchanges: readonly IExchange[],
  turns: readonly ITurn[]
): IExchange[] {
  const byId = new Map(turns.map(turn => [turn.id, turn]));
  return exchanges.map(exchange => {
    const turn = exchange.turnId ? byId.get(exchange.turnId) : undefined;
    if (!turn || exchange.state === 'running' || turn.status !== 'finished') {
      return exchange;
    }
    return {
      ...exchange,
      stopReason: turn.stop_reason ?? exchange.stopReason,
      error: turn.error ?? exchange.error,
      provider: turn.provider ?? exchange.provider,
      model: turn.model ?? exchange.model,
      usage: turn.usage.requests > 0 ? turn.usage : exchange.usage
    };
  });
}

function replaceLast(blocks: readonly Block[], block: Block): Block[] {
  return [...blocks.slice(0, -1), block];
}

function endThinking(blocks: Block[], now: number): Block[] {
  const last = blocks[blocks.length - 1];
  if (last?.kind !== 'thinking' || last.durationMs !== null) {
    return blocks;
  }
  return replaceLast(blocks, {
    ...last,
    durationMs: last.startedAt === null ? 0 : now - last.startedAt
  });
}

function changeTool(
  blocks: Block[],
  id: string,
  change: (tool: IToolBlock) => IToolBlock
): Block[] {
  let found = false;
  const changed = blocks.map(block => {
    if (block.kind === 'tool' && block.key === id) {
      found = true;
      return change(block);
    }
    return block;
  });
  if (found) {
    return changed;
  }
  return [
    ...blocks,
    change({
      kind: 'tool',
      key: id,
      name: '',
      args: {},
      state: 'running',
      content: '',
      progress: null,
      durationMs: null
    })
  ];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** What a tool gave, as text: the wire allows any JSON. */
function contentText(value: unknown): string {
  return typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value, null, 2);
}

/**
 * The exchange after one more event. An event that was applied before changes nothing; one that skips another is not
 * applied (the follower asks for what is missing).
 */
export function applyEvent(
  exchange: IExchange,
  event: ITurnEvent,
  now: number
): IExchange {
  if (event.index !== exchange.nextIndex) {
    return exchange;
  }
  const next: IExchange = { ...exchange, nextIndex: event.index + 1 };
  const data = event.data;
  const last = next.blocks[next.blocks.length - 1];
  switch (event.type) {
    case 'turn_started':
    case 'model_selected':
      next.provider = textOrNull(data.provider) ?? next.provider;
      next.model = textOrNull(data.model) ?? next.model;
      break;
    case 'content': {
      const blocks = endThinking(next.blocks, now);
      next.blocks =
        last?.kind === 'text'
          ? replaceLast(blocks, { ...last, text: last.text + text(data.delta) })
          : [
              ...blocks,
              { kind: 'text', key: `e${event.index}`, text: text(data.delta) }
            ];
      break;
    }
    case 'thinking':
      next.blocks =
        last?.kind === 'thinking' && last.durationMs === null
          ? replaceLast(next.blocks, {
              ...last,
              text: last.text + text(data.delta)
            })
          : [
              ...next.blocks,
              {
                kind: 'thinking',
                key: `e${event.index}`,
                text: text(data.delta),
                durationMs: null,
                startedAt: now
              }
            ];
      break;
    case 'tool_call':
    case 'client_tool_call':
      next.blocks = changeTool(
        endThinking(next.blocks, now),
        text(data.tool_call_id),
        tool => ({
          ...tool,
          name: text(data.name),
          args: record(data.args),
          state: 'running'
        })
      );
      break;
    case 'approval_requested':
      next.blocks = changeTool(next.blocks, text(data.tool_call_id), tool => ({
        ...tool,
        name: text(data.name) || tool.name,
        args: data.args === undefined ? tool.args : record(data.args),
        state: 'waiting'
      }));
      break;
    case 'tool_progress':
      next.blocks = changeTool(next.blocks, text(data.tool_call_id), tool => ({
        ...tool,
        state: 'running',
        content: tool.content + text(data.delta),
        progress: number(data.fraction) ?? tool.progress
      }));
      break;
    case 'tool_result':
      next.blocks = changeTool(next.blocks, text(data.tool_call_id), tool => ({
        ...tool,
        name: tool.name || text(data.name),
        state: data.is_error === true ? 'error' : 'done',
        content: contentText(data.content),
        progress: null,
        durationMs: number(data.duration_ms)
      }));
      break;
    case 'guidance': {
      const id = text(data.guidance_id) || text(data.id) || `e${event.index}`;
      const message = text(data.message);
      const blocks = endThinking(next.blocks, now);
      // What we sent ourselves is there already; it moves to where the model read it.
      const own = blocks.find(
        block =>
          block.kind === 'guidance' &&
          block.state !== 'delivered' &&
          (block.key === id || block.text === message)
      );
      next.blocks = [
        ...blocks.filter(block => block !== own),
        { kind: 'guidance', key: id, text: message, state: 'delivered' }
      ];
      break;
    }
    case 'usage':
      next.usage = usageOf(data) ?? next.usage;
      break;
    case 'error':
      next.error = {
        code: text(data.code) || 'internal_error',
        message: text(data.message),
        retryable: data.retryable === true,
        retry_after_seconds: number(data.retry_after_seconds)
      };
      break;
    case 'turn_finished': {
      const usage = usageOf(record(data.usage));
      next.blocks = endThinking(next.blocks, now).map(block =>
        block.kind === 'tool' &&
        (block.state === 'running' || block.state === 'waiting')
          ? { ...block, state: 'unknown' as const, progress: null }
          : block
      );
      next.state = 'finished';
      next.stopping = false;
      next.stopReason =
        (textOrNull(data.stop_reason) as StopReason | null) ?? 'completed';
      next.usage = usage
        ? { ...usage, cost: usage.cost ?? textOrNull(data.cost) }
        : next.usage;
      next.answeredAt = now;
      next.durationMs =
        number(data.duration_ms) ?? Math.max(0, now - next.createdAt);
      break;
    }
    default:
      // context, tasks: nothing to show in the exchange itself.
      break;
  }
  return next;
}

function usageOf(data: Record<string, unknown>): IUsage | null {
  if (typeof data.input !== 'number' && typeof data.output !== 'number') {
    return null;
  }
  return {
    input: number(data.input) ?? 0,
    output: number(data.output) ?? 0,
    cache_read: number(data.cache_read) ?? 0,
    cache_write: number(data.cache_write) ?? 0,
    requests: number(data.requests) ?? 0,
    cost: textOrNull(data.cost)
  };
}

/** The conversation after events of one of its turns; events of a turn that is not here change nothing. */
export function applyEvents(
  conversation: IConversation,
  turnId: string,
  events: readonly ITurnEvent[],
  now: number
): IConversation {
  const at = conversation.exchanges.findIndex(
    exchange => exchange.turnId === turnId
  );
  const before = conversation.exchanges[at];
  if (!before) {
    return conversation;
  }
  let after = before;
  let { tasks } = conversation;
  for (const event of events) {
    if (event.index !== after.nextIndex) {
      continue;
    }
    after = applyEvent(after, event, now);
    if (event.type === 'tasks' && Array.isArray(event.data.items)) {
      tasks = event.data.items as ITask[];
    }
  }
  if (after === before) {
    return conversation;
  }
  const exchanges = [...conversation.exchanges];
  exchanges[at] = after;
  return { ...conversation, tasks, exchanges };
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
