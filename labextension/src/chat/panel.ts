import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { AgentClient } from '../api/client';
import { agentIcon, agentWaitsIcon } from '../icons';
import type { IAgentActivity, IAgentTools, IAgentTurns } from '../tokens';
import type { IChatHandle } from './components/Chat';
import type { ChatController, ITabMemory, ITabStore } from './controller';
import type { ChatExtensions } from './extensions';
import type { Area, ChatSettings } from './settings';
import type { ChatView } from './view';

/** The parts of a panel that was shown. */
export interface IOpenChat {
  controller: ChatController;
  view: ChatView;
  handle: IChatHandle;
}

export interface IChatPanelOptions {
  client: AgentClient;
  activity: IAgentActivity;
  tools: IAgentTools;
  turns: IAgentTurns | null;
  /** The application's editors. */
  editors: IEditorServices | null;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
  extensions: ChatExtensions;
  settings: ChatSettings;
  shell: JupyterFrontEnd.IShell;
  /** Whether it may be a tab beside the documents. */
  hasMainArea: boolean;
  openMenu: (x: number, y: number) => void;
  /** Runs a command of the application. */
  execute: (
    command: string,
    args?: ReadonlyPartialJSONObject
  ) => Promise<unknown>;
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

/** The panel: small at the start of the page; what is in it is loaded when it is first shown. */
export class ChatPanel extends Widget {
  constructor(options: IChatPanelOptions) {
    super();
    this._options = options;
    this.id = 'jupyterlab-agent-chat';
    this.addClass('jp-agent-Panel');
    this.layout = new PanelLayout();
    // Escape in what is asked is for that, not for the turn.
    this.node.addEventListener('focusin', ({ target }) => {
      this.node.dataset.answering = String(
        target instanceof Element && !!target.closest('.jp-agent-Approval')
      );
    });
    options.settings.changed.connect(this._place, this);
    options.tools.approvalsChanged.connect(() => this._name(), this);
    this._place();
  }

  /** Takes up where a restored layout has put it; where the settings have changed since, they count. */
  restored(): void {
    const { shell } = this._options;
    const isMain = [...shell.widgets('main')].includes(this);
    if (isMain === (this._area === 'main') || !this.parent) {
      this._dress(isMain ? 'main' : 'right');
    } else {
      this._area = null;
      this._place();
    }
  }

  /** Brings it to the front, with the cursor in its box. */
  reveal(): void {
    if (!this.isAttached) {
      this._add();
    }
    this._options.shell.activateById(this.id);
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
    this._attacher?.dispose();
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
    const [{ ChatView }, { ChatController }, { NotebookAttacher }] =
      await Promise.all([
        import('./view'),
        import('./controller'),
        import('./attachNotebook')
      ]);
    const { client, extensions, lastSession, onSession, settings } =
      this._options;
    const controller = new ChatController({
      client,
      store: tabStore(client.serverSettings.baseUrl)
    });
    this._controller = controller;
    const view = new ChatView({ ...this._options, controller });
    // Not this widget's own node: the main area makes that the panel of a tab.
    view.node.setAttribute('role', 'region');
    view.node.setAttribute('aria-label', this._options.trans.__('Agent chat'));
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
    this._listen(controller);
    this._attacher = new NotebookAttacher({ controller, extensions, settings });
    return { controller, view, handle };
  }

  /** Tells the chat what happens on the server, from when it has its conversation. */
  private _listen(controller: ChatController): void {
    const { activity } = this._options;
    const begin = (): void => {
      if (controller.state.phase !== 'ready') {
        return;
      }
      controller.stateChanged.disconnect(begin, this);
      activity.event.connect((_, event) => controller.moved(event), this);
      // What began before it listened.
      controller.moved({
        topic: 'turns',
        snapshot: true,
        data: { items: activity.running }
      });
      activity.start();
    };
    controller.stateChanged.connect(begin, this);
    begin();
  }

  /** Where the settings want it. */
  private get _wanted(): Area {
    const { settings, hasMainArea } = this._options;
    const { area } = settings.current;
    return area === 'main' && !hasMainArea ? 'right' : area;
  }

  /** Goes where the settings want it; a tab of the main area is there from when it is opened. */
  private _place = (): void => {
    if (this._area === this._wanted) {
      return;
    }
    // A tab is open as long as it is there.
    const shown = this.isVisible || (this.title.closable && this.isAttached);
    this._area = this._wanted;
    this.parent = null;
    if (this._area !== 'main') {
      this._add();
    } else {
      this._dress('main');
    }
    if (shown) {
      this.reveal();
    }
  };

  private _add(): void {
    const area = this._area ?? 'right';
    this._dress(area);
    this._options.shell.add(this, area, { rank: 950, type: 'Agent' });
  }

  /** A tab has a name and can be closed. */
  private _dress(area: Area): void {
    const main = area === 'main';
    this.title.closable = main;
    this._name();
  }

  /** What its tab says: also that something waits for the user. */
  private _name(): void {
    const { tools, trans } = this._options;
    const main = this.title.closable;
    const waiting = tools.approvals.length;
    const icon = waiting > 0 ? agentWaitsIcon : agentIcon;
    this.title.label = !main
      ? ''
      : waiting > 0
        ? trans.__('Agent (%1)', waiting)
        : trans.__('Agent');
    this.title.caption =
      waiting > 0
        ? trans._n(
            'Agent: %1 call waits for you',
            'Agent: %1 calls wait for you',
            waiting
          )
        : trans.__('Agent');
    // The shell sizes the icon of what is added, not of what a layout brings back: it has its size before it is drawn.
    this.title.icon = main
      ? icon.bindprops({ stylesheet: 'mainAreaTab' })
      : icon;
  }

  private _area: Area | null = null;
  private _attacher: { dispose: () => void } | null = null;
  private _controller: ChatController | null = null;
  private _loaded: Promise<IOpenChat> | null = null;
  private _onOnline = (): void => this._controller?.wake();
  private _options: IChatPanelOptions;
}
