import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { AgentClient } from '../api/client';
import type { IApproval } from '../api/types';
import type { IAgentTools } from '../tokens';
import type { WayBack } from './wayBack';

/** What cards, approvals and what belongs to them work with. */
export interface IToolsContext {
  tools: IAgentTools;
  client: AgentClient;
  trans: TranslationBundle;
  /** The application's editors; a plain box stands in where there are none. */
  editors: IEditorServices | null;
  /** Gives a file to the user. */
  save: (name: string, content: Blob) => void;
  /** Back from a call to where its shortcut was pressed; null where there is none. */
  wayBack: WayBack | null;
  /** Shows a notebook or file to the user, and in it a cell. */
  reveal: (path: string, cellId: string | null) => void;
}

export const ToolsContext = createContext<IToolsContext | null>(null);

/** The surroundings of a card. */
export function useTools(): IToolsContext {
  const context = useContext(ToolsContext);
  if (!context) {
    throw new Error('A part of the tools was used outside of them.');
  }
  return context;
}

/** What waits for the user, of all chats; drawn again when it changes. */
export function useApprovals(tools: IAgentTools): readonly IApproval[] {
  return useSyncExternalStore(
    callback => {
      const slot = () => callback();
      tools.approvalsChanged.connect(slot);
      return () => {
        tools.approvalsChanged.disconnect(slot);
      };
    },
    () => tools.approvals
  );
}
