/** What other extensions may use. */
import type { LabIcon } from '@jupyterlab/ui-components';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { AgentClient } from './api/client';
import type { InputPart } from './api/types';

/** Typed access to the agent's API, as the user of this page. */
export type IAgentClient = AgentClient;

export const IAgentClient = new Token<IAgentClient>(
  'jupyterlab-agent:IAgentClient',
  'The typed client of the agent API.'
);

/** Something that can be done with a block of code in an answer. */
export interface ICodeAction {
  id: string;
  label: string;
  icon: LabIcon;
  /** Actions stand from small to large. Copy is at 0. */
  rank: number;
  execute: (code: string, language: string | null) => void | Promise<void>;
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
  /** Adds a button to blocks of code; disposing the result takes it away from those drawn from then on. */
  addCodeAction(action: ICodeAction): IDisposable;
}

export const IAgentChat = new Token<IAgentChat>(
  'jupyterlab-agent:IAgentChat',
  'The chat panel: opens it, sends to it, adds actions to code in it.'
);
