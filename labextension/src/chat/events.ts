/** What the events of a turn's log do to a conversation. Pure. */
import { number, record, text, textOrNull } from '../api/read';
import type { ITask, ITurnEvent, IUsage, StopReason } from '../api/types';
import {
  abandoned,
  blankCall,
  withCallEvent,
  type IToolBlock
} from '../tools/calls';
import { readReached } from '../turns/words';
import type { Block, IConversation, IExchange, Note } from './model';

/** The calls of an exchange that wait for the user. */
export function waitingCalls(exchange: IExchange | null): IToolBlock[] {
  return (exchange?.blocks ?? []).filter(
    (block): block is IToolBlock =>
      block.kind === 'tool' &&
      block.state === 'waiting' &&
      block.asked?.status === 'pending'
  );
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

function withNote(
  { blocks }: IExchange,
  { index }: ITurnEvent,
  note: Note
): Block[] {
  return [...blocks, { kind: 'note', key: `e${index}`, note }];
}

function changeCall(blocks: Block[], event: ITurnEvent): Block[] {
  const id = text(event.data.tool_call_id);
  const at = blocks.findIndex(
    block => block.kind === 'tool' && block.key === id
  );
  const before = blocks[at];
  if (before?.kind !== 'tool') {
    return [...blocks, withCallEvent(blankCall(id), event)];
  }
  const changed = [...blocks];
  changed[at] = withCallEvent(before, event);
  return changed;
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
    case 'model_selected': {
      if (data.strategy === 'reflection') {
        break; // it writes a report for the one that answers
      }
      next.provider = textOrNull(data.provider) ?? next.provider;
      next.model = textOrNull(data.model) ?? next.model;
      const failed = text(record(data.fallback_from).model);
      if (failed) {
        const model = text(data.model);
        next.blocks = withNote(next, event, {
          about: 'fallback',
          model,
          failed
        });
      }
      break;
    }
    case 'compaction':
      next.blocks = withNote(next, event, {
        about: 'compaction',
        strategy: text(data.strategy),
        before: number(data.before) ?? 0,
        after: number(data.after) ?? 0
      });
      break;
    case 'budget': {
      const reached = readReached(data);
      // A hard one ends the turn, and that is told there.
      if (reached && data.level === 'soft') {
        next.blocks = withNote(next, event, { about: 'budget', reached });
      }
      break;
    }
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
    case 'approval_requested':
    case 'approval_decided':
    case 'tool_progress':
    case 'tool_result':
      next.blocks = changeCall(endThinking(next.blocks, now), event);
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
        block.kind === 'tool' ? abandoned(block) : block
      );
      next.state = 'finished';
      next.stopping = false;
      next.stopReason =
        (textOrNull(data.stop_reason) as StopReason | null) ?? 'completed';
      next.usage = usage
        ? { ...usage, cost: usage.cost ?? textOrNull(data.cost) }
        : next.usage;
      next.reached = readReached(data.budget);
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
