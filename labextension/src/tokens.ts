/** What other extensions may use. */
import type { LabIcon } from '@jupyterlab/ui-components';
import { Token, type ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { AgentClient } from './api/client';
import type { IFrame, ITopicEvent } from './api/socket';
import type {
  IApproval,
  IApprovalAnswer,
  ICheckpoint,
  IContextPart,
  IFeedback,
  InputPart,
  ITurn,
  IUsageSummary,
  Remember
} from './api/types';

/** Typed access to the agent's API, as the user of this page. */
export type IAgentClient = AgentClient;

export const IAgentClient = new Token<IAgentClient>(
  'jupyterlab-agent:IAgentClient',
  'The typed client of the agent API.'
);

/** `absent`: the server has no agent. */
export type AgentState =
  'connecting' | 'idle' | 'answering' | 'offline' | 'absent';

/** What the user's agents do, as the server tells it while it happens: one connection for the whole page. */
export interface IAgentActivity {
  readonly state: AgentState;
  /** Turns that run now, in any chat, notebook or tab of the user. */
  readonly running: readonly ITurn[];
  /** State or running turns are other than before. */
  readonly changed: ISignal<IAgentActivity, void>;
  /** Every event of the topics `sessions`, `turns` and `approvals`, snapshots included. */
  readonly event: ISignal<IAgentActivity, ITopicEvent>;
  /** Frames of the connection that belong to no topic: `connected` first, then what the server asks of this page. */
  readonly frame: ISignal<IAgentActivity, IFrame>;
  /** Sends a frame to the server; false where there is no connection now. */
  send(frame: object): boolean;
  /** Connects, where it was not done before. */
  start(): void;
}

export const IAgentActivity = new Token<IAgentActivity>(
  'jupyterlab-agent:IAgentActivity',
  'What the agents of the user do now.'
);

/** What is known of the changes that a turn made. */
export interface ICheckpointMoved {
  turnId: string;
  sessionId: string;
  state: ICheckpoint['state'];
}

/** What the user decides about the work of agents: calls that wait for a yes, and changes that were made. */
export interface IAgentTools {
  /** The calls that wait for a person, of all chats; the oldest first. */
  readonly approvals: readonly IApproval[];
  /** Others wait than before. */
  readonly approvalsChanged: ISignal<IAgentTools, void>;
  /** Something that a turn changed was made, taken back, made again or accepted, here or elsewhere. */
  readonly checkpointChanged: ISignal<IAgentTools, ICheckpointMoved>;
  /**
   * Says yes to a call.
   *
   * @param how - other arguments in place of those asked about; how long the yes counts, once if left out.
   * @returns the approval as it stands then.
   * @throws ApiError, also where somebody else has answered; UnreachableError.
   */
  approve(
    approvalId: string,
    how?: { arguments?: Record<string, unknown>; remember?: Remember }
  ): Promise<IApproval>;
  /**
   * Says no to a call; the model reads the message and goes on, or the turn ends. Rejects as `approve` does.
   */
  deny(
    approvalId: string,
    how?: { message?: string; stop?: boolean }
  ): Promise<IApproval>;
  /** Answers several calls: all of them or, where it rejects, none. */
  answer(answers: readonly IApprovalAnswer[]): Promise<void>;
  /** All that a turn changed; null where it changed nothing. */
  checkpoint(turnId: string): Promise<ICheckpoint | null>;
  /**
   * Brings back what was there before a turn's changes, or before some of them.
   *
   * @throws ApiError 409 with `details.conflicts` where somebody changed the same cell or file since; then nothing is undone.
   */
  undo(turnId: string, editIds?: readonly string[]): Promise<ICheckpoint>;
  /** Makes the changes again that were taken back. Rejects as `undo` does. */
  redo(turnId: string): Promise<ICheckpoint>;
  /** Lets changes stand: they are marked no more. */
  accept(turnId: string, editIds?: readonly string[]): Promise<ICheckpoint>;
}

export const IAgentTools = new Token<IAgentTools>(
  'jupyterlab-agent:IAgentTools',
  'Calls of agents that wait for the user, and changes that can be undone.'
);

/** Something that can be done with a block of code in an answer. */
export interface ICodeAction {
  id: string;
  label: string;
  icon: LabIcon;
  /** Actions stand from small to large. Copy is at 0. */
  rank: number;
  /** Asked whenever somebody turns to a block; an action that cannot be done now is shown, but not to be pressed. */
  isEnabled?: () => boolean;
  /** Says why it cannot be done now. */
  disabledReason?: () => string;
  /** Rejects with an Error that says to the user why it was not done. */
  execute: (code: string, language: string | null) => void | Promise<void>;
}

/**
 * Something of the user's work that a message can have attached: plain data, so that a draft survives a reload. What
 * the model reads of it is read when the message is sent.
 */
export interface IContextRef {
  /** Id of the source that reads it. */
  source: string;
  kind: IContextPart['kind'];
  /** What the chip shows. */
  name: string;
  /** Path of the contents, with its drive where it has one. */
  path?: string;
  cellId?: string;
  /** What else the source needs to find it again. */
  data?: ReadonlyPartialJSONObject;
}

/** One thing that can be attached. */
export interface IContextSuggestion {
  ref: IContextRef;
  icon?: LabIcon;
  /** More about it, in small: the folder of a file, the first line of a cell. */
  detail?: string;
}

/** Finds and reads things that can be attached: notebooks and cells, files, variables. */
export interface IContextSource {
  id: string;
  /** What the menu of `@` calls its group. */
  label: string;
  icon: LabIcon;
  /** Sources stand from small to large. */
  rank: number;
  /** What the menu of `@` offers for what was typed after it, the best first; everything for ''. */
  suggest: (query: string) => Promise<readonly IContextSuggestion[]>;
  /** What the user works on right now; offered beside the chips to be attached with one click. */
  current?: () => readonly IContextSuggestion[];
  /** `current` may give something else from now on. */
  currentChanged?: ISignal<unknown, void>;
  /** What the model reads. Rejects with an Error that says to the user why it cannot be read. */
  read: (ref: IContextRef) => Promise<IContextPart>;
  /** Shows it to the user. */
  reveal?: (ref: IContextRef) => Promise<void>;
}

/** A command of the box where one writes: `/name arguments`. */
export interface ISlashCommand {
  /** Without the slash; small letters and hyphens. */
  name: string;
  /** What it does, in a few words. */
  label: string;
  /** What may stand after it, as the menu shows it: `[model]`. */
  hint?: string;
  isEnabled?: () => boolean;
  /** Rejects with an Error that says to the user why it was not done. */
  execute: (args: string) => void | Promise<void>;
}

/** The chat panel. */
export interface IAgentChat {
  /** Shows the panel, and in it this conversation, and puts the cursor into its box. */
  open(sessionId?: string): Promise<void>;
  /** Starts an empty conversation. */
  newChat(): Promise<void>;
  /** Sends a message; while a turn runs it is guidance. */
  send(text: string, parts?: InputPart[]): Promise<void>;
  /** Stops the running turn. */
  stop(): Promise<void>;
  /** Shows the panel with this attached to what is being written; what is attached already is not doubled. */
  attach(ref: IContextRef): Promise<void>;
  /** What is open, and its turns in their order; null as long as the panel was not shown, or the chat is empty. */
  readonly current: { sessionId: string; turnIds: readonly string[] } | null;
  /** Adds things that can be attached; disposing the result takes them away. */
  addContextSource(source: IContextSource): IDisposable;
  /** Adds a command to the box; disposing the result takes it away. Of two with one name the later counts. */
  addSlashCommand(command: ISlashCommand): IDisposable;
  /** Adds a button to blocks of code; disposing the result takes it away from those drawn from then on. */
  addCodeAction(action: ICodeAction): IDisposable;
}

export const IAgentChat = new Token<IAgentChat>(
  'jupyterlab-agent:IAgentChat',
  'The chat panel: opens it, sends to it, adds actions to code in it.'
);

/** What the user's agents cost. */
export interface IAgentCosts {
  /** Shows the dashboard of costs, in a tab; with a session, what that one cost. */
  open(sessionId?: string): Promise<void>;
  /** Today, this month and the budgets; null as long as nobody has asked. */
  readonly summary: IUsageSummary | null;
  /** It is other than before. */
  readonly summaryChanged: ISignal<IAgentCosts, void>;
  /** Asks the server anew. */
  refresh(): Promise<void>;
}

export const IAgentCosts = new Token<IAgentCosts>(
  'jupyterlab-agent:IAgentCosts',
  'What agents cost: the numbers of today, and the dashboard.'
);

/** Where something of a turn is shown. */
export type TurnPlace = 'right' | 'main';

/** Parts of the inspector's page. */
export type TurnSection =
  'context' | 'timeline' | 'tools' | 'messages' | 'model' | 'tips' | 'feedback';

/** What somebody thinks of answers, the same in all tabs. */
export interface IAgentGrades {
  /** The grade of this turn was given, changed or taken back, here or elsewhere; null: those of many turns were read. */
  readonly changed: ISignal<IAgentGrades, string | null>;
  /** Undefined until it is known. */
  of(turnId: string): IFeedback | null | undefined;
  /** Reads the grades of a conversation, once. */
  load(sessionId: string): Promise<void>;
  /**
   * Grades a turn, 1 to 5; the comment that it has stays where none is given here.
   *
   * @throws ApiError; UnreachableError. Then it has the grade that it had.
   */
  give(turnId: string, grade: number, comment?: string): Promise<IFeedback>;
  /** Takes the grade back. Rejects as `give` does. */
  remove(turnId: string): Promise<void>;
}

/** What happened in turns, to be looked at. */
export interface IAgentTurns {
  /**
   * Shows one turn: what the model saw, chose, did and cost.
   *
   * @param how - in the side bar or as a tab, where the user last wanted it if left out; at which part of the page; of
   *   the context, which part is opened.
   */
  open(
    turnId: string,
    how?: { where?: TurnPlace; part?: string; tab?: TurnSection }
  ): Promise<void>;
  /** Shows what is different in the contexts of two turns. */
  compare(first: string, second: string): Promise<void>;
  /** Shows what the rules say about a whole conversation. */
  insights(sessionId: string): Promise<void>;
  readonly grades: IAgentGrades;
}

export const IAgentTurns = new Token<IAgentTurns>(
  'jupyterlab-agent:IAgentTurns',
  'The turn inspector, comparisons of turns, and grades.'
);
