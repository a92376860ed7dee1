import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ICodeAction, IContextSource, ISlashCommand } from '../tokens';
import type { ChatController, IChatState } from './controller';

/** What the parts of the panel work with. */
export interface IChatContext {
  controller: ChatController;
  trans: TranslationBundle;
  rendermime: IRenderMimeRegistry;
  codeActions: () => readonly ICodeAction[];
  contextSources: () => readonly IContextSource[];
  slashCommands: () => readonly ISlashCommand[];
  unfoldThinking: () => boolean;
  addKey: (providerId?: string) => void;
  openMenu: (x: number, y: number) => void;
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
