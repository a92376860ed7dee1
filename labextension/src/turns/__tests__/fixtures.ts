import type {
  IContextItem,
  IContextSnapshot,
  ITrace,
  ITurn
} from '../../api/types';

export const USAGE = {
  input: 600,
  output: 40,
  cache_read: 0,
  cache_write: 0,
  requests: 1,
  cost: '0.0123'
};

export function item(change: Partial<IContextItem> = {}): IContextItem {
  return {
    part: 'message',
    role: 'user',
    title: 'You',
    tokens: 10,
    sha256: 'a',
    content: 'Why does the merge lose rows?',
    ...change
  };
}

export function snapshot(
  change: Partial<IContextSnapshot> = {}
): IContextSnapshot {
  return {
    id: 'req_1',
    turn_id: 'turn_1',
    session_id: 'sess_1',
    step: 0,
    purpose: 'turn',
    provider: 'scripted',
    model: 'echo',
    complexity: 'L1',
    budget: 1000,
    context_window: 2000,
    tokens: { system_prompt: 100, history: 400, message: 100 },
    total: 600,
    source: 'provider',
    tokenizer: 'o200k_base',
    history_depth: 4,
    history_total: 12,
    left_out: [],
    retrieved: [],
    compaction: null,
    cache: { read: 0, write: 0, hit_rate: null },
    usage: USAGE,
    settings: {},
    duration_ms: 400,
    first_token_ms: 100,
    error_code: null,
    items: [item()],
    created_at: '2026-01-01T10:00:00Z',
    ...change
  };
}

export function turn(change: Partial<ITurn> = {}): ITurn {
  return {
    id: 'turn_1',
    session_id: 'sess_1',
    status: 'finished',
    stop_reason: 'completed',
    error: null,
    agent: null,
    provider: 'scripted',
    model: 'echo',
    usage: USAGE,
    steps: 1,
    message: 'Why does the merge lose rows?',
    answer: null,
    retry_of: null,
    pending_approvals: 0,
    event_count: 6,
    created_at: '2026-01-01T10:00:00Z',
    started_at: '2026-01-01T10:00:01Z',
    finished_at: '2026-01-01T10:00:03Z',
    metadata: {},
    ...change
  };
}

export function trace(change: Partial<ITrace> = {}): ITrace {
  return {
    id: '0'.repeat(32),
    turn_id: 'turn_1',
    session_id: 'sess_1',
    name: 'Why',
    started_at: '2026-01-01T10:00:00Z',
    duration_ms: 3000,
    status: 'ok',
    stop_reason: 'completed',
    provider: 'scripted',
    model: 'echo',
    usage: USAGE,
    url: null,
    spans: [],
    busy_ms: {},
    ...change
  };
}
