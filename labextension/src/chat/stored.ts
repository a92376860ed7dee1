/** A conversation of what is stored: messages, their turns, and what is read again later. Pure. */
import type {
  IMessage,
  InputPart,
  ITurn,
  IUsage,
  Part,
  StopReason
} from '../api/types';
import { blankCall, storedCall, withStoredResult } from '../tools/calls';
import { blank, type Block, type IConversation, type IExchange } from './model';

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
        blocks.push(storedCall(part));
        break;
      case 'tool_result': {
        const at = blocks.findIndex(
          block => block.kind === 'tool' && block.key === part.tool_call_id
        );
        const before = blocks[at];
        const call =
          before?.kind === 'tool' ? before : blankCall(part.tool_call_id);
        blocks.splice(
          at >= 0 ? at : blocks.length,
          1,
          withStoredResult(call, part)
        );
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
