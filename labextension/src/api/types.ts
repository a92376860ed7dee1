/** What goes over the wire, by the names the server gives it. */

export type StopReason =
  | 'completed'
  | 'interrupted'
  | 'budget'
  | 'max_steps'
  | 'repetition'
  | 'timeout'
  | 'refused'
  | 'provider_error'
  | 'server_restart'
  | 'denied';

export type EventType =
  | 'turn_started'
  | 'context'
  | 'model_selected'
  | 'thinking'
  | 'content'
  | 'tool_call'
  | 'tool_progress'
  | 'approval_requested'
  | 'client_tool_call'
  | 'tool_result'
  | 'usage'
  | 'title'
  | 'tasks'
  | 'guidance'
  | 'error'
  | 'turn_finished';

export interface IUsage {
  input: number;
  output: number;
  cache_read: number;
  cache_write: number;
  requests: number;
  cost?: string | null;
}

export interface IPage<T> {
  items: T[];
  total: number;
  limit: number;
  offset: number;
}

export interface ITextPart {
  type: 'text';
  text: string;
}
export interface IImagePart {
  type: 'image';
  media_type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  data?: string | null;
  blob_id?: string | null;
  name?: string | null;
}
export interface IContextPart {
  type: 'context';
  kind: 'notebook' | 'cell' | 'selection' | 'file' | 'variable' | 'text';
  name: string;
  text?: string;
  path?: string | null;
  cell_id?: string | null;
  metadata?: Record<string, unknown>;
}
export interface IThinkingPart {
  type: 'thinking';
  text: string;
  duration_ms?: number | null;
}
export interface IToolCallPart {
  type: 'tool_call';
  tool_call_id: string;
  name: string;
  args?: Record<string, unknown>;
}
export interface IToolResultPart {
  type: 'tool_result';
  tool_call_id: string;
  name?: string;
  content: string;
  is_error?: boolean;
  duration_ms?: number | null;
}
export type InputPart = ITextPart | IImagePart | IContextPart;
export type Part = InputPart | IThinkingPart | IToolCallPart | IToolResultPart;

export interface ISession {
  id: string;
  title: string;
  status: 'active' | 'idle' | 'archived' | 'terminated';
  channel: string;
  provider?: string | null;
  model?: string | null;
  message_count: number;
  turn_count: number;
  running_turn_id?: string | null;
  usage: IUsage;
  preview: string;
  created_at: string;
  updated_at: string;
  last_activity_at: string;
}

export interface IMessage {
  id: string;
  session_id: string;
  turn_id?: string | null;
  seq: number;
  role: 'user' | 'assistant' | 'system';
  parts: Part[];
  text: string;
  provider?: string | null;
  model?: string | null;
  usage?: IUsage | null;
  stop_reason?: string | null;
  duration_ms?: number | null;
  in_context: boolean;
  created_at: string;
}

export interface ITurnError {
  code: string;
  message: string;
  retryable: boolean;
  retry_after_seconds?: number | null;
}

export interface ITurn {
  id: string;
  session_id: string;
  status: 'queued' | 'running' | 'waiting' | 'finished';
  stop_reason?: StopReason | null;
  error?: ITurnError | null;
  provider?: string | null;
  model?: string | null;
  usage: IUsage;
  steps: number;
  message: string;
  retry_of?: string | null;
  created_at: string;
  started_at?: string | null;
  finished_at?: string | null;
}

export interface ITurnStart {
  message: string;
  parts?: InputPart[];
  provider?: string | null;
  model?: string | null;
}

export interface ITurnEvent {
  index: number;
  type: EventType;
  data: Record<string, unknown>;
}

export interface IModel {
  id: string;
  provider: string;
  provider_name: string;
  name: string;
  available: boolean;
  reason?: string | null;
  is_default: boolean;
  context_window?: number | null;
  input_price?: string | null;
  output_price?: string | null;
  price_source?: 'user' | 'genai-prices' | 'free' | null;
  supports_tools?: boolean | null;
  supports_images?: boolean | null;
}

export type ProviderKind =
  'local' | 'openai' | 'openai_compatible' | 'anthropic' | 'google' | 'ollama';

export interface IProvider {
  id: string;
  kind: ProviderKind;
  name: string;
  base_url?: string | null;
  key_source: 'none' | 'stored' | 'environment' | 'not_needed';
  key_env?: string | null;
  enabled: boolean;
  is_default: boolean;
  default_model?: string | null;
  builtin: boolean;
  state: 'ready' | 'needs_key' | 'needs_package' | 'needs_model' | 'disabled';
  next_action?: string | null;
}

export interface IProviderWrite {
  kind: ProviderKind;
  name: string;
  base_url?: string | null;
  api_key?: string | null;
}

export interface IVerifyResult {
  ok: boolean;
  model?: string | null;
  text?: string | null;
  latency_ms: number;
  error_code?: string | null;
  error?: string | null;
  next_action?: string | null;
}

export interface IReadinessItem {
  id: string;
  title: string;
  status: 'ok' | 'warning' | 'error';
  detail: string;
  next_action?: string | null;
}

export interface IStatus {
  status: 'ok' | 'degraded';
  version: string;
  readiness: IReadinessItem[];
}

export interface IInfo {
  name: string;
  version: string;
  user: string;
  display_name: string;
  default_provider: string | null;
  default_model: string | null;
  default_model_ready: boolean;
  first_run: boolean;
  features: string[];
}
