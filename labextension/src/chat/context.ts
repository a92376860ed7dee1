import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type {
  IAgentTurns,
  ICodeAction,
  IContextSource,
  ISlashCommand
} from '../tokens';
import type { ComposerModel } from './composer';
import type { ChatController, IChatState } from './controller';
import type { ChatSettings, IChatSettings } from './settings';

/** What the parts of the panel work with. */
export interface IChatContext {
  controller: ChatController;
  /** What happens with what is written. */
  composer: ComposerModel;
  trans: TranslationBundle;
  rendermime: IRenderMimeRegistry;
  settings: ChatSettings;
  /** The turn inspector, and grades; null where they are switched off. */
  turns: IAgentTurns | null;
  codeActions: () => readonly ICodeAction[];
  contextSources: () => readonly IContextSource[];
  slashCommands: () => readonly ISlashCommand[];
  addKey: (providerId?: string) => void;
  openMenu: (x: number, y: number) => void;
  /** Runs a command of the application. */
  execute: (
    command: string,
    args?: ReadonlyPartialJSONObject
  ) => Promise<unknown>;
}

export const ChatContext = createContext<IChatContext | null>(null);

/** The panel's surroundings. */
export function useChat(): IChatContext {
  const context = useContext(ChatContext);
  if (!context) {
    throw new Error('A part of the chat was used outside of it.');
  }
  return context;
}

/** The chat's state, drawn again when it changes. */
export function useChatState(): IChatState {
  const { controller } = useChat();
  return useSyncExternalStore(
    callback => {
      const slot = () => callback();

      controller.stateChanged.connect(slot);
      return () => {
        controller.stateChanged.disconnect(slot);
      };
    },
    () => controller.state
  );
}

/** What the user has set, drawn again when it changes. */
export function useChatSettings(): IChatSettings {
  const { settings } = useChat();
  return useSyncExternalStore(
    callback => {
      const slot = () => callback();

      settings.changed.connect(slot);
      return () => {
        settings.changed.disconnect(slot);
      };
    },
    () => settings.current
  );
}
