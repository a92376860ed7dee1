import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IUsageSummary } from '../api/types';
import type { INumbers } from '../charts/numbers';
import type { IAgentActivity, IAgentClient } from '../tokens';
import type { AgentCosts } from './service';

/** What this room works with. */
export interface ICostsHost {
  client: IAgentClient;
  activity: IAgentActivity;
  costs: AgentCosts;
  numbers: INumbers;
  trans: TranslationBundle;
  rendermime: IRenderMimeRegistry;
  hasCommand: (command: string) => boolean;
  /** Runs a command of the application. */
  execute: (
    command: string,
    args?: ReadonlyPartialJSONObject
  ) => Promise<unknown>;
  /** Shows a turn in the inspector; null where there is none. */
  openTurn: ((turnId: string) => Promise<void>) | null;
  /** Shows a conversation; null where there is no chat. */
  openChat: ((sessionId: string) => Promise<void>) | null;
}

export const CostsContext = createContext<ICostsHost | null>(null);

/** The surroundings of what this room draws. */
export function useCosts(): ICostsHost {
  const context = useContext(CostsContext);
  if (!context) {
    throw new Error('A part of the costs was used outside of them.');
  }
  return context;
}

/** The numbers of today, drawn again when they change. */
export function useSummary(costs: AgentCosts): IUsageSummary | null {
  return useSyncExternalStore(
    callback => {
      const slot = () => callback();
      costs.summaryChanged.connect(slot);
      return () => {
        costs.summaryChanged.disconnect(slot);
      };
    },
    () => costs.summary
  );
}
