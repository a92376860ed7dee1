/** A frame of the events WebSocket that matters to a listener. */
export interface ITopicEvent {
  topic: string;
  snapshot: boolean;
  data: Record<string, unknown>;
}

/** A frame that belongs to no topic: that it is connected, or that the server asks something of this page. */
export interface IFrame {
  type: string;
  [name: string]: unknown;
}

/** A WebSocket's state while frames can be sent. */
const OPEN = 1;

/** Listens to topics over one WebSocket, again and again where it closes. */
export class TopicSocket {
  constructor(options: {
    open: () => WebSocket;
    topics: readonly string[];
    onEvent: (event: ITopicEvent) => void;
    /** Frames that belong to no topic; the first of each connection is `connected`. */
    onFrame?: (frame: IFrame) => void;
    /** It is connected, or not any more; false also after every try that failed. */
    onConnected?: (connected: boolean) => void;
    backoff: (attempt: number) => number;
  }) {
    this._options = options;
    this._connect();
  }

  dispose(): void {
    this._disposed = true;
    clearTimeout(this._timer);
    this._socket?.close();
  }

  /** Sends a frame; false where there is no connection now. */
  send(frame: string): boolean {
    if (!this._connected || this._socket?.readyState !== OPEN) {
      return false;
    }
    this._socket.send(frame);
    return true;
  }

  private _connect(): void {
    if (this._disposed) {
      return;
    }
    const socket = this._options.open();
    this._socket = socket;
    socket.onmessage = message => {
      const frame = JSON.parse(message.data as string) as IFrame & {
        topic?: string;
        data?: Record<string, unknown>;
        event?: Record<string, unknown>;
      };
      if (frame.type === 'connected') {
        this._attempt = 0;
        this._connected = true;
        this._options.onConnected?.(true);
        socket.send(
          JSON.stringify({ type: 'subscribe', topics: this._options.topics })
        );
      } else if (frame.type === 'snapshot' || frame.type === 'event') {
        this._options.onEvent({
          topic: frame.topic ?? '',
          snapshot: frame.type === 'snapshot',
          data: frame.data ?? frame.event ?? {}
        });
        return;
      }
      this._options.onFrame?.(frame);
    };
    socket.onclose = () => {
      this._connected = false;
      if (this._disposed) {
        return;
      }
      this._attempt += 1;
      this._options.onConnected?.(false);
      this._timer = setTimeout(
        () => this._connect(),
        this._options.backoff(this._attempt)
      );
    };
  }

  private _attempt = 0;
  private _connected = false;
  private _disposed = false;
  private _options: ConstructorParameters<typeof TopicSocket>[0];
  private _socket: WebSocket | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
