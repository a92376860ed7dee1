/** What goes over the wire, as the server describes it in its OpenAPI document. */
import type { components } from './schema';

type Schemas = components['schemas'];

/** An answer has all of its fields: what a request may leave out has a value there. */
type Answer<T> = { [Name in keyof T]-?: Exclude<T[Name], undefined> };

export interface IPage<T> {
  items: T[];
  total: number;
  limit: number;
  offset: number;
}

export type IUsage = Answer<Schemas['Usage']>;
export type ITextPart = Schemas['TextPart'];
export type IImagePart = Schemas['ImagePart'];
export type IContextPart = Schemas['ContextPart'];
export type IThinkingPart = Schemas['ThinkingPart'];
export type IToolCallPart = Schemas['ToolCallPart'];
export interface IToolImage {
  media_type: string;
  blob_id: string;
}
export type IToolResultPart = Schemas['ToolResultPart'] & {
  images?: IToolImage[];
  blob_id?: string | null;
  metadata?: Record<string, unknown>;
};
export type InputPart = ITextPart | IImagePart | IContextPart;
export type Part = InputPart | IThinkingPart | IToolCallPart | IToolResultPart;

export type ISession = Answer<Omit<Schemas['Session'], 'usage'>> & {
  usage: IUsage;
  waiting?: boolean;
  mode?: Mode | null;
};
export type ISessionCreate = Schemas['SessionCreate'] & { mode?: Mode | null };
export type ISessionPatch = Schemas['SessionPatch'] & { mode?: Mode | null };
export type ICleared = Schemas['Cleared'];
export type ISummarize = Partial<Schemas['Summarize']>;
export type ISummary = Schemas['Summary'];
export type IMessageVersion = Schemas['MessageVersion'];
export type IMessage = Answer<Omit<Schemas['Message'], 'parts' | 'usage'>> & {
  parts: Part[];
  usage: IUsage | null;
};
export type IResend = Schemas['Resend'];
export type IBlobUpload = Schemas['BlobUpload'];
export type IBlobInfo = Answer<Schemas['BlobInfo']>;

export type ISearchHit = Answer<Schemas['SearchHit']>;
export type IBranch = Schemas['Branch'];

export type StopReason = NonNullable<Schemas['Turn']['stop_reason']>;
export type ITurnError = Schemas['TurnError'];
export type ITurn = Answer<Omit<Schemas['Turn'], 'usage' | 'error'>> & {
  usage: IUsage;
  error: ITurnError | null;
};
export type ITurnStart = Schemas['TurnStart'];
export type IRetry = Schemas['Retry'];
export type ITask = Answer<Schemas['Task']>;

export type IModel = Answer<Schemas['Model']>;
export type IProvider = Answer<Schemas['Provider']>;
export type ProviderKind = Schemas['Provider']['kind'];
export type IProviderWrite = Schemas['ProviderWrite'];
export type IVerifyUnsaved = Schemas['VerifyUnsaved'];
export type IVerifyResult = Answer<Schemas['VerifyResult']>;

/** How much an agent may do without asking. */
export type Mode = 'read_only' | 'ask' | 'auto_edit' | 'auto';

export type Remember = 'once' | 'session' | 'always';

/** One change to a cell or file, as it is shown to people. */
export interface IChange {
  kind: 'cell' | 'file';
  action: 'create' | 'edit' | 'delete' | 'move' | 'rename' | 'outputs';
  path: string;
  cell_id: string | null;
  title: string;
  language: string | null;
  before: string | null;
  after: string | null;
  edit_id: string | null;
  /** Of a deleted cell: the id of the one below which it stood; null for the first. */
  previous_cell?: string | null;
}

/** A call that waits for a person, or that has waited. */
export interface IApproval {
  id: string;
  session_id: string;
  turn_id: string;
  tool_call_id: string;
  tool: string;
  arguments: Record<string, unknown>;
  shown: string;
  reason: string;
  capabilities: string[];
  changes: IChange[];
  status: 'pending' | 'approved' | 'denied' | 'expired' | 'cancelled';
  remember: Remember;
  edited_arguments: Record<string, unknown> | null;
  message: string | null;
  decided_by: string | null;
  session_title: string;
  created_at: string;
  decided_at: string | null;
  expires_at: string | null;
}

export interface IApprovalAnswer {
  id: string;
  approve: boolean;
  arguments?: Record<string, unknown> | null;
  remember?: Remember;
  message?: string | null;
  stop?: boolean;
}

export interface IPolicy {
  mode: Mode;
  rules: unknown[];
  admin_rules: unknown[];
}

/** A change that a turn made, kept so that it can be undone. */
export interface IEdit {
  id: string;
  turn_id: string;
  tool_call_id: string | null;
  change: IChange;
  state: 'applied' | 'accepted' | 'undone';
  created_at: string;
  changed_at: string;
}

/** All that one turn changed. */
export interface ICheckpoint {
  turn_id: string;
  session_id: string;
  message: string;
  state: 'applied' | 'partly_undone' | 'undone';
  edits: IEdit[];
  created_at: string;
}

/** Why an edit was not undone. */
export interface IUndoConflict {
  edit_id: string;
  path: string;
  cell_id: string | null;
  message: string;
}

export interface ITaskList {
  session_id: string;
  turn_id: string | null;
  items: ITask[];
  progress: number;
}

export interface ICompletionRequest {
  prefix: string;
  suffix?: string;
  language?: string;
  path?: string | null;
  provider?: string | null;
  model?: string | null;
  max_tokens?: number | null;
}

export interface ICompletion {
  text: string;
  provider: string;
  model: string;
}

export interface ICodeEdit {
  instruction: string;
  source: string;
  language?: string;
  context?: string;
  provider?: string | null;
  model?: string | null;
}

export interface IEditedCode {
  source: string;
  provider: string;
  model: string;
}

export type IReadinessItem = Schemas['ReadinessItem'];
export type IStatus = Answer<Schemas['Status']>;
export type IInfo = Answer<Schemas['Info']>;

/** Names of a turn's events: docs/events.md. A type that is not here may come and is left out. */
export type EventType =
  | 'turn_started'
  | 'context'
  | 'model_selected'
  | 'thinking'
  | 'content'
  | 'tool_call'
  | 'tool_progress'
  | 'approval_requested'
  | 'approval_decided'
  | 'client_tool_call'
  | 'tool_result'
  | 'usage'
  | 'tasks'
  | 'guidance'
  | 'error'
  | 'turn_finished';

/** One line of a turn's log. */
export interface ITurnEvent {
  index: number;
  type: EventType;
  data: Record<string, unknown>;
}
