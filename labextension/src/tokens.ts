/** What other extensions may use. */
import type { LabIcon } from '@jupyterlab/ui-components';
import { Token, type ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { AgentClient } from './api/client';
import type { ITopicEvent } from './api/socket';
import type { IContextPart, InputPart, ITurn } from './api/types';

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
  /** Every event of the topics `sessions` and `turns`, snapshots included. */
  readonly event: ISignal<IAgentActivity, ITopicEvent>;
  /** Connects, where it was not done before. */
  start(): void;
}

export const IAgentActivity = new Token<IAgentActivity>(
  'jupyterlab-agent:IAgentActivity',
  'What the agents of the user do now.'
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
  /** Shows the panel and puts the cursor into its box. */
  open(): Promise<void>;
  /** Starts an empty conversation. */
  newChat(): Promise<void>;
  /** Sends a message; while a turn runs it is guidance. */
  send(text: string, parts?: InputPart[]): Promise<void>;
  /** Stops the running turn. */
  stop(): Promise<void>;
  /** Shows the panel with this attached to what is being written; what is attached already is not doubled. */
  attach(ref: IContextRef): Promise<void>;
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
