import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { agentIcon } from '../icons';
import type { AgentState, IAgentActivity, IAgentTools } from '../tokens';

/** What the agent does now, in the status bar; a click opens the chat, or what waits for the user. */
export class StatusItem extends Widget {
  constructor(options: {
    activity: IAgentActivity;
    tools: IAgentTools;
    trans: TranslationBundle;
    open: () => void;
    showWaiting: () => void;
  }) {
    super();
    this.addClass('jp-agent-StatusItem');
    this.addClass('jp-agent-ActivityItem');
    this._activity = options.activity;
    this._trans = options.trans;
    this._button.type = 'button';
    this._tools = options.tools;
    this._button.onclick = () =>
      (this._tools.approvals.length > 0 ? options.showWaiting : options.open)();
    agentIcon.element({
      container: this._button.appendChild(document.createElement('span')),
      stylesheet: 'statusBar'
    });
    this._button.appendChild(this._text);
    this.node.appendChild(this._button);
    this._activity.changed.connect(this._draw, this);
    this._tools.approvalsChanged.connect(this._draw, this);
    this._draw();
  }

  private _draw = (): void => {
    const { state, running } = this._activity;
    const trans = this._trans;
    const waiting = this._tools.approvals.length;
    // Without a connection nobody knows whether they still wait.
    if (waiting > 0 && state !== 'offline') {
      this._text.textContent = trans._n(
        'Agent | %1 waits for you',
        'Agent | %1 wait for you',
        waiting
      );
      this._button.dataset.state = 'waiting';
      this._button.title = trans._n(
        '%1 call of an agent waits for you. Show it.',
        '%1 calls of agents wait for you. Show them.',
        waiting
      );
      this._button.setAttribute('aria-label', this._button.title);
      return;
    }
    this._text.textContent =
      state === 'answering' && running.length > 1
        ? trans._n(
            'Agent | %1 answer runs',
            'Agent | %1 answers run',
            running.length
          )
        : short(state, trans);
    this._button.dataset.state = state;
    this._button.title = trans.__(
      '%1. Open the chat.',
      explained(state, running.length, trans)
    );
    this._button.setAttribute('aria-label', this._button.title);
  };

  private _activity: IAgentActivity;
  private _button = document.createElement('button');
  private _tools: IAgentTools;
  private _text = document.createElement('span');
  private _trans: TranslationBundle;
}

function short(state: AgentState, trans: TranslationBundle): string {
  switch (state) {
    case 'answering':
      return trans.__('Agent | Answering');
    case 'offline':
      return trans.__('Agent | No connection');
    case 'idle':
      return trans.__('Agent | Idle');
    default:
      return trans.__('Agent');
  }
}

function explained(
  state: AgentState,
  running: number,
  trans: TranslationBundle
): string {
  switch (state) {
    case 'answering':
      return trans._n(
        'The agent is writing %1 answer',
        'The agent is writing %1 answers',
        running
      );
    case 'offline':
      return trans.__('The agent waits for the connection to the server');
    case 'idle':
      return trans.__('The agent is idle');
    case 'absent':
      return trans.__('The server has no agent');
    case 'connecting':
      return trans.__('The agent is not connected yet');
  }
}
