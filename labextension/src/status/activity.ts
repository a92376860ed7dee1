import { Signal, type ISignal } from '@lumino/signaling';
import { ApiError } from '../api/errors';
import type { IFrame, ITopicEvent, TopicSocket } from '../api/socket';
import type { ITurn } from '../api/types';
import type { AgentState, IAgentActivity, IAgentClient } from '../tokens';

const GOING_ON: ReadonlySet<string> = new Set(['queued', 'running', 'waiting']);

/** Listens to the server's events, over one WebSocket, as long as the page lives. */
export class AgentActivity implements IAgentActivity {
  constructor(client: IAgentClient) {
    this._client = client;
  }

  get state(): AgentState {
    return this._state;
  }

  get running(): readonly ITurn[] {
    return [...this._running.values()];
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get event(): ISignal<this, ITopicEvent> {
    return this._event;
  }

  get frame(): ISignal<this, IFrame> {
    return this._frame;
  }

  send(frame: object): boolean {
    return this._socket?.send(JSON.stringify(frame)) ?? false;
  }

  start(): void {
    this._started ??= this._start();
  }

  private async _start(): Promise<void> {
    const [{ TopicSocket }, { defaultBackoff }] = await Promise.all([
      import('../api/socket'),
      import('../api/sse')
    ]);
    const { serverSettings, socketUrl } = this._client;
    this._socket = new TopicSocket({
      open: () => new serverSettings.WebSocket(socketUrl),
      topics: ['sessions', 'turns', 'approvals'],
      backoff: defaultBackoff,
      onEvent: event => this._take(event),
      onFrame: frame => this._frame.emit(frame),
      onConnected: connected => {
        if (connected) {
          this._reached = true;
        } else {
          this._setState('offline');
          void this._lookForAgent();
        }
      }
    });
  }

  private _take(event: ITopicEvent): void {
    if (event.topic === 'turns') {
      if (event.snapshot) {
        this._running.clear();
      }
      const turns = (event.snapshot ? event.data.items : [event.data.turn]) as (
        ITurn | undefined
      )[];
      for (const turn of turns) {
        if (!turn) {
          // Not every event of the topic is about a turn's state.
          continue;
        }
        if (GOING_ON.has(turn.status)) {
          this._running.set(turn.id, turn);
        } else {
          this._running.delete(turn.id);
        }
      }
      this._state = this._running.size > 0 ? 'answering' : 'idle';
      this._changed.emit();
    }
    this._event.emit(event);
  }

  /** A browser does not say why a WebSocket was refused: a server without the agent is told apart by a request. */
  private async _lookForAgent(): Promise<void> {
    if (this._reached) {
      return;
    }
    try {
      await this._client.info();
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        this._socket?.dispose();
        this._setState('absent');
      }
    }
  }

  private _setState(state: AgentState): void {
    if (state !== this._state) {
      this._state = state;
      this._changed.emit();
    }
  }

  private _changed = new Signal<this, void>(this);
  private _client: IAgentClient;
  private _event = new Signal<this, ITopicEvent>(this);
  private _frame = new Signal<this, IFrame>(this);
  private _reached = false;
  private _running = new Map<string, ITurn>();
  private _socket: TopicSocket | null = null;
  private _started: Promise<void> | null = null;
  private _state: AgentState = 'connecting';
}
