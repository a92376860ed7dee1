import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { INumbers } from '../charts/numbers';
import type { IAgentActivity, IAgentClient, IAgentTools } from '../tokens';
import type { IInspected, ITurnSource } from './inspection';
import type { AgentTurns } from './service';

/** What this room works with. */
export interface ITurnsHost {
  client: IAgentClient;
  activity: IAgentActivity;
  tools: IAgentTools;
  turns: AgentTurns;
  trans: TranslationBundle;
  /** Numbers as the user reads them. */
  numbers: INumbers;
  rendermime: IRenderMimeRegistry;
  editors: IEditorServices | null;
  /** Whether it may be a tab beside the documents. */
  hasMainArea: boolean;
  hasCommand: (command: string) => boolean;
  /** Runs a command of the application. */
  execute: (
    command: string,
    args?: ReadonlyPartialJSONObject
  ) => Promise<unknown>;
}

export const TurnsContext = createContext<ITurnsHost | null>(null);

/** The surroundings of what this room draws. */
export function useTurns(): ITurnsHost {
  const context = useContext(TurnsContext);
  if (!context) {
    throw new Error('A part of the turn inspector was used outside of it.');
  }
  return context;
}

/** What is known of a turn, drawn again when it changes. */
export function useSource(source: ITurnSource): IInspected {
  return useSyncExternalStore(
    callback => {
      const slot = () => callback();
      source.changed.connect(slot);
      return () => {
        source.changed.disconnect(slot);
      };
    },
    () => source.state
  );
}
