/**
 * What goes between the views and the kernel. The kernel's side has the same types in
 * jupyter_agent/kernel/widgets/wire.py.
 */

import type {
  IBudgetState,
  IContextItem,
  IContextSnapshot,
  ICostReport,
  IModelSelection,
  ITip,
  ITrace,
  ITurn,
  IUsageSummary
} from '../../src/api/types';

export interface ITextBlock {
  kind: 'text' | 'thinking' | 'guidance';
  text: string;
}

export interface IToolBlock {
  kind: 'tool';
  id: string;
  name: string;
  args: Record<string, unknown>;
  state: 'running' | 'waiting' | 'done' | 'error' | 'unknown';
  text: string;
  /** The approval that it waits for. */
  approval: string | null;
  /** What would be done, as text. */
  question: string;
}

export type Block = ITextBlock | IToolBlock;

export interface IMessage {
  id: string;
  role: 'user' | 'assistant' | 'system';
  text: string;
  turn_id: string | null;
  created_at: string;
  model: string | null;
  usage: { input: number; output: number } | null;
  cost: string | null;
  stop_reason: string | null;
  error: string | null;
  duration_ms: number | null;
  attachments: string[];
  blocks?: Block[];
}

export interface ILive {
  turn_id: string;
  model: string | null;
  blocks: Block[];
}

export interface ISession {
  id: string;
  title: string;
  preview: string;
  status: string;
  message_count: number;
  running: boolean;
  cost: string | null;
  last_activity_at: string;
}

/** Traits that both widgets have. */
export interface ICommonTraits {
  error: string;
  connection: 'connecting' | 'online' | 'offline';
  _connection_reason: string;
  _height: string;
}

export interface IChatTraits extends ICommonTraits {
  messages: IMessage[];
  running: boolean;
  cost: number | null;
  usage: { input?: number; output?: number };
  session_id: string;
  title: string;
  model: string;
  _earlier: number;
  _live: ILive | null;
  _uid: string;
}

export interface ISessionsTraits extends ICommonTraits {
  value: string;
  sessions: ISession[];
  total: number;
  query: string;
  archived: boolean;
  _undo: string;
}

export interface IAppended {
  at: number;
  /** Length of the block's text before. */
  start: number;
  text: string;
}

export interface IReplaced {
  at: number;
  block: Block;
}

export interface IDelta {
  type: 'delta';
  turn_id: string;
  model: string | null;
  changes: (IAppended | IReplaced)[];
}

/** What was sent in a model request. */
export interface IContents {
  type: 'contents';
  request_id: string;
  items: IContextItem[];
}

export type FromKernel =
  | IDelta
  | IContents
  | { type: 'ack'; id: string }
  | { type: 'done'; id: string; note: string }
  | { type: 'failed'; id: string; message: string };

export type ChatCommand =
  | { type: 'send'; text: string }
  | { type: 'stop' | 'new' | 'sync' | 'retry' }
  | { type: 'decide'; approval_id: string; approve: boolean };

export type SessionsCommand =
  | { type: 'new' | 'more' | 'undo' }
  | { type: 'search'; query: string; archived: boolean }
  | { type: 'open' | 'delete'; session_id: string }
  | { type: 'rename'; session_id: string; title: string }
  | { type: 'archive'; session_id: string; archived: boolean };

/** Traits that the widgets of the observatory have. */
export interface IObservedTraits extends ICommonTraits {
  _uid: string;
  _view_kind: string;
}

export interface ITurnTraits extends IObservedTraits {
  turn_id: string;
  running: boolean;
  /** Empty until it was read. */
  trace: Partial<ITrace>;
  turn: Partial<ITurn>;
  context: IContextSnapshot[];
  tips: ITip[];
  selection: IModelSelection[];
  /** 0 for none. */
  grade: number;
  _comment: string;
}

export interface ICostsTraits extends IObservedTraits {
  period: string;
  by: string[];
  /** Empty until it was read. */
  report: Partial<ICostReport>;
  summary: Partial<IUsageSummary>;
  budgets: IBudgetState[];
  timezone: string;
}

export type TurnCommand =
  | { type: 'refresh' }
  | { type: 'contents'; request_id: string }
  | { type: 'grade'; grade: number; comment: string };

export type CostsCommand =
  | { type: 'refresh' }
  | { type: 'group'; period: string; by: string }
  | {
      type: 'set';
      scope: string;
      session_id: string;
      soft: string;
      hard: string;
    };

/** What anywidget gives of a model. */
export interface IModel<Traits> {
  get<Name extends keyof Traits & string>(name: Name): Traits[Name];
  on(name: string, callback: (value?: unknown) => void): void;
  off(name: string, callback: (value?: unknown) => void): void;
  send(content: unknown): void;
}

export interface IRenderContext<Traits> {
  model: IModel<Traits>;
  el: HTMLElement;
}
