/**
 * The turn that is being answered, put together from a state and the changes after it. Pure.
 *
 * A change says where it belongs, so one that comes twice, or that the state has already, changes nothing, and one
 * before which something is missing is noticed.
 */
import type { Block, IDelta, ILive, IMessage } from './wire';

export interface IApplied {
  live: ILive | null;
  /** Something was missed: the whole state has to be asked for. */
  gap: boolean;
}

/** The turn after one more message of the kernel. */
export function applyDelta(live: ILive | null, delta: IDelta): IApplied {
  if (live === null || live.turn_id !== delta.turn_id) {
    return { live, gap: true };
  }
  const blocks = [...live.blocks];
  let gap = false;
  for (const change of delta.changes) {
    const before = blocks[change.at];
    if ('block' in change) {
      if (change.at > blocks.length) {
        gap = true;
      } else if (!before || !isAhead(before, change.block)) {
        blocks[change.at] = change.block;
      }
    } else if (!before || before.text.length < change.start) {
      gap = true;
    } else {
      const known = before.text.length - change.start;
      if (known < change.text.length) {
        blocks[change.at] = {
          ...before,
          text: before.text + change.text.slice(known)
        };
      }
    }
  }
  return { live: { ...live, model: delta.model ?? live.model, blocks }, gap };
}

/** Whether what is known of a text goes on from what is told of it: then the news is old. */
function isAhead(known: Block, told: Block): boolean {
  return (
    known.kind !== 'tool' &&
    known.kind === told.kind &&
    known.text.startsWith(told.text)
  );
}

/** The turn after the kernel told its whole state, which may be older than what came meanwhile. */
export function merge(known: ILive | null, told: ILive | null): ILive | null {
  if (told === null || known === null || known.turn_id !== told.turn_id) {
    return told;
  }
  const blocks = told.blocks.map((block, at) => {
    const mine = known.blocks[at];
    return mine && isAhead(mine, block) ? mine : block;
  });
  return {
    ...told,
    blocks: [...blocks, ...known.blocks.slice(blocks.length)]
  };
}

/** One thing that is shown: a stored message, or the turn that is being answered. */
export interface IEntry {
  key: string;
  role: IMessage['role'];
  /** provider/model */
  model: string | null;
  blocks: Block[];
  message: IMessage | null;
  running: boolean;
}

/** What is shown, in its order. What the running turn has said stands once, as its events tell it. */
export function entries(
  messages: readonly IMessage[],
  live: ILive | null
): IEntry[] {
  const shown: IEntry[] = messages
    .filter(
      message =>
        live === null ||
        message.turn_id !== live.turn_id ||
        message.role !== 'assistant'
    )
    .map(message => ({
      key: message.id,
      role: message.role,
      model: message.model,
      blocks: message.blocks ?? [{ kind: 'text', text: message.text }],
      message,
      running: false
    }));
  if (live !== null) {
    shown.push({
      key: `live-${live.turn_id}`,
      role: 'assistant',
      model: live.model,
      blocks: live.blocks,
      message: null,
      running: true
    });
  }
  return shown;
}
