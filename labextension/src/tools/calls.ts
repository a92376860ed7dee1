/**
 * A call of a tool as the panel shows it, and how events and stored parts change it.
 *
 * Pure: the same call looks the same while it runs and when it is read from the history.
 */
import { list, number, record, text, textOrNull } from '../api/read';
import type {
  IApproval,
  IChange,
  ITurnEvent,
  IToolCallPart,
  IToolImage,
  IToolResultPart,
  Remember
} from '../api/types';

/** `unknown`: the turn ended, and nobody knows how the call did. */
export type CallState =
  'running' | 'waiting' | 'done' | 'error' | 'denied' | 'unknown';

/** What a person was asked about a call, and the answer. */
export interface IAsked {
  id: string;
  /** The call as text for people, with nothing hidden in it. */
  shown: string;
  reason: string;
  askedBy: IApproval['asked_by'];
  capabilities: readonly string[];
  changes: readonly IChange[];
  /** Milliseconds since 1970; null where it waits for ever. */
  expiresAt: number | null;
  status: IApproval['status'];
  remember: Remember;
  /** What was said with a no. */
  message: string | null;
  decidedBy: string | null;
}

export interface IToolBlock {
  kind: 'tool';
  key: string;
  name: string;
  args: Record<string, unknown>;
  state: CallState;
  /** What it gave; while it runs, what it has said so far. */
  content: string;
  /** How much of it is done, from 0 to 1, where it tells. */
  progress: number | null;
  durationMs: number | null;
  images: readonly IToolImage[];
  /** The whole result, where `content` is cut. */
  blobId: string | null;
  metadata: Record<string, unknown>;
  /** It runs at the client's: in the notebook, or in the lab. */
  client: boolean;
  asked: IAsked | null;
}

function blankAsked(): IAsked {
  return {
    id: '',
    shown: '',
    reason: '',
    askedBy: 'mode',
    capabilities: [],
    changes: [],
    expiresAt: null,
    status: 'pending',
    remember: 'once',
    message: null,
    decidedBy: null
  };
}

export function blankCall(key: string): IToolBlock {
  return {
    kind: 'tool',
    key,
    name: '',
    args: {},
    state: 'running',
    content: '',
    progress: null,
    durationMs: null,
    images: [],
    blobId: null,
    metadata: {},
    client: false,
    asked: null
  };
}

/** What it changed, or would change if it were allowed. */
export function changesOf(call: IToolBlock): readonly IChange[] {
  const made = list<IChange>(call.metadata.changes);
  return made.length > 0 || call.asked?.status !== 'pending'
    ? made
    : call.asked.changes;
}

/** Of what it changed, the parts that can be accepted or taken back. */
export function editIdsOf(call: IToolBlock): string[] {
  return list<IChange>(call.metadata.changes)
    .map(change => change.edit_id)
    .filter((id): id is string => typeof id === 'string');
}

/** What a tool gave, as text: the wire allows any JSON. */
function contentText(value: unknown): string {
  return typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value, null, 2);
}

function timeOf(value: unknown): number | null {
  const time = Date.parse(text(value));
  return Number.isNaN(time) ? null : time;
}

/** How a call ended: one that was not allowed has not failed. */
function endOf(
  isError: boolean,
  asked: IAsked | null,
  metadata: Record<string, unknown>
): CallState {
  if (!isError) {
    return 'done';
  }
  const refused =
    typeof metadata.denied === 'string' ||
    (asked !== null &&
      ['denied', 'expired', 'cancelled'].includes(asked.status));
  return refused ? 'denied' : 'error';
}

/** A call of the history, before its result is read. */
export function storedCall(part: IToolCallPart): IToolBlock {
  return {
    ...blankCall(part.tool_call_id),
    name: part.name,
    args: part.args ?? {},
    state: 'unknown'
  };
}

/** What was answered, as a result says it; null where nobody was asked. */
function answerIn(metadata: Record<string, unknown>): IAsked | null {
  const answer = record(metadata.approval);
  const status = textOrNull(answer.status) as IAsked['status'] | null;
  return (
    status && {
      ...blankAsked(),
      status,
      remember: (textOrNull(answer.remember) as Remember | null) ?? 'once',
      message: textOrNull(answer.message),
      decidedBy: textOrNull(answer.decided_by)
    }
  );
}

/** A call of the history with its result. */
export function withStoredResult(
  call: IToolBlock,
  part: IToolResultPart
): IToolBlock {
  const metadata = part.metadata ?? {};
  const asked = call.asked ?? answerIn(metadata);
  return {
    ...call,
    asked,
    name: call.name || (part.name ?? ''),
    state: endOf(part.is_error ?? false, asked, metadata),
    content: part.content,
    progress: null,
    durationMs: part.duration_ms ?? null,
    images: part.images ?? [],
    blobId: part.blob_id ?? null,
    metadata
  };
}

/** The call after an event about it; the very same where the event says nothing of a call. */
export function withCallEvent(call: IToolBlock, event: ITurnEvent): IToolBlock {
  const { data } = event;
  const name = text(data.name) || call.name;
  const args =
    data.args === undefined || data.args === null
      ? call.args
      : record(data.args);
  switch (event.type) {
    case 'tool_call':
      return { ...call, name, args, state: 'running' };
    case 'client_tool_call':
      return { ...call, name, args, state: 'running', client: true };
    case 'approval_requested':
      return {
        ...call,
        name,
        args,
        state: 'waiting',
        asked: {
          ...blankAsked(),
          id: text(data.approval_id),
          shown: text(data.shown),
          reason: text(data.reason),
          askedBy: (text(data.asked_by) || 'mode') as IApproval['asked_by'],
          capabilities: list<string>(data.capabilities),
          changes: list<IChange>(data.changes),
          expiresAt: timeOf(data.expires_at)
        }
      };
    case 'approval_decided': {
      const status = (text(data.status) || 'approved') as IApproval['status'];
      return {
        ...call,
        args,
        state: status === 'approved' ? 'running' : 'denied',
        asked: call.asked && {
          ...call.asked,
          status,
          remember: (textOrNull(data.remember) as Remember | null) ?? 'once',
          message: textOrNull(data.message),
          decidedBy: textOrNull(data.decided_by)
        }
      };
    }
    case 'tool_progress':
      return {
        ...call,
        state: 'running',
        content: call.content + text(data.delta),
        progress: number(data.fraction) ?? call.progress
      };
    case 'tool_result': {
      const metadata = record(data.metadata);
      const asked = call.asked ?? answerIn(metadata);
      return {
        ...call,
        asked,
        name,
        state: endOf(data.is_error === true, asked, metadata),
        content: contentText(data.content),
        progress: null,
        durationMs: number(data.duration_ms),
        images: list<IToolImage>(data.images),
        blobId: textOrNull(data.blob_id),
        metadata
      };
    }
    default:
      return call;
  }
}

/** The call when its turn has ended: what had no result by then gets none. */
export function abandoned(call: IToolBlock): IToolBlock {
  if (call.state !== 'running' && call.state !== 'waiting') {
    return call;
  }
  return {
    ...call,
    state: 'unknown',
    progress: null,
    asked:
      call.asked?.status === 'pending'
        ? { ...call.asked, status: 'cancelled' }
        : call.asked
  };
}
