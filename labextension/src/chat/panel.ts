import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { AgentClient } from '../api/client';
import { agentIcon } from '../icons';
import type { ICodeAction, IContextSource, ISlashCommand } from '../tokens';
import type { IChatHandle } from './components/Chat';
import type { ChatController, ITabMemory, ITabStore } from './controller';
import type { ChatView } from './view';

/** The parts of a panel that was shown. */
export interface IOpenChat {
  controller: ChatController;
  view: ChatView;
  handle: IChatHandle;
}

export interface IChatPanelOptions {
  client: AgentClient;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
  codeActions: () => readonly ICodeAction[];
  contextSources: () => readonly IContextSource[];
  slashCommands: () => readonly ISlashCommand[];
  unfoldThinking: () => boolean;
  openMenu: (x: number, y: number) => void;
  /** The conversation that was open when this tab knows of none. */
  lastSession: () => Promise<string | null>;
  onSession: (sessionId: string | null) => void;
}

const TAB_KEY = 'jupyterlab-agent:tab';

/** What this tab keeps over a reload. A tab that may not keep anything works all the same. */
function tabStore(baseUrl: string): ITabStore {
  const key = `${TAB_KEY}:${baseUrl}`;
  return {
    load: () => {
      try {
        return JSON.parse(
          window.sessionStorage.getItem(key) ?? '{}'
        ) as ITabMemory;
      } catch {
        return {};
      }
    },
    save: memory => {
      try {
        window.sessionStorage.setItem(key, JSON.stringify(memory));
      } catch (error) {
        console.warn('jupyterlab-agent: nothing is kept over a reload', error);
      }
    }
  };
}

/** The side panel: small at the start of the page; what is in it is loaded when it is first shown. */
export class ChatPanel extends Widget {
  constructor(options: IChatPanelOptions) {
    super();
    this._options = options;
    this.id = 'jupyterlab-agent-chat';
    this.addClass('jp-agent-Panel');
    this.title.icon = agentIcon;
    this.title.caption = options.trans.__('Agent');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', options.trans.__('Agent chat'));
    this.layout = new PanelLayout();
  }

  /** The panel's parts; loads them where they are not there yet. */
  load(): Promise<IOpenChat> {
    this._loaded ??= this._load();
    return this._loaded;
  }

  /** The controller, where the panel was shown before. */
  get controller(): ChatController | null {
    return this._controller;
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    window.removeEventListener('online', this._onOnline);
    this._socket?.dispose();
    this._controller?.dispose();
    super.dispose();
  }

  protected override onBeforeShow(msg: Message): void {
    super.onBeforeShow(msg);
    void this.load();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    if (this.isVisible) {
      void this.load();
    }
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    void this.load().then(({ handle }) => handle.focusInput());
  }

  private async _load(): Promise<IOpenChat> {
    const [
      { ChatView },
      { ChatController },
      { TopicSocket },
      { defaultBackoff }
    ] = await Promise.all([
      import('./view'),
      import('./controller'),
      import('../api/socket'),
      import('../api/sse')
    ]);
    const { client, lastSession, onSession } = this._options;
    const { serverSettings } = client;
    const controller = new ChatController({
      client,
      store: tabStore(serverSettings.baseUrl)
    });
    this._controller = controller;
    const view = new ChatView({ ...this._options, controller });
    (this.layout as PanelLayout).addWidget(view);
    window.addEventListener('online', this._onOnline);

    let sessionId: string | null | undefined;
    controller.stateChanged.connect((_, state) => {
      // Commands and shortcuts ask the node: Esc stops only what runs.
      this.node.dataset.running = String(controller.running !== null);
      const now = state.conversation.session?.id ?? null;
      if (state.phase === 'ready' && !state.opening && now !== sessionId) {
        sessionId = now;
        onSession(now);
      }
    }, this);
    const handle = await view.handle;
    void controller.start(await lastSession());
    const listen = (): void => {
      if (controller.state.phase === 'ready' && !this._socket) {
        this._socket = new TopicSocket({
          open: () => new serverSettings.WebSocket(client.socketUrl),
          topics: ['sessions', 'turns'],
          backoff: defaultBackoff,
          onEvent: event => controller.moved(event)
        });
      }
    };
    controller.stateChanged.connect(listen, this);
    return { controller, view, handle };
  }

  private _controller: ChatController | null = null;
  private _loaded: Promise<IOpenChat> | null = null;
  private _onOnline = (): void => this._controller?.wake();
  private _options: IChatPanelOptions;
  private _socket: { dispose: () => void } | null = null;
}
