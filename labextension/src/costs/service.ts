import { Signal, type ISignal } from '@lumino/signaling';
import type { ITopicEvent } from '../api/socket';
import type { ITurn, IUsageSummary } from '../api/types';
import type { IAgentActivity, IAgentClient, IAgentCosts } from '../tokens';

/** Milliseconds after a turn's end: what its title and summary cost is written by then, and others may end as well. */
const SETTLE = 1500;
/** Milliseconds after which the numbers may be of yesterday, or changed by another server. */
const STALE = 15 * 60_000;

/** The numbers of today, asked for when somebody wants to see them and a turn has ended. */
export class AgentCosts implements IAgentCosts {
  constructor(options: {
    client: IAgentClient;
    activity: IAgentActivity;
    show: (sessionId: string | null) => Promise<void>;
    settle?: number;
  }) {
    this._client = options.client;
    this._activity = options.activity;
    this._show = options.show;
    this._settle = options.settle ?? SETTLE;
    this._activity.event.connect(this._take, this);
    this._activity.changed.connect(this._reconnected, this);
  }

  get summary(): IUsageSummary | null {
    return this._summary;
  }

  /** Why there is no summary, or an old one; null where there is nothing wrong. */
  get problem(): unknown {
    return this._problem;
  }

  get summaryChanged(): ISignal<this, void> {
    return this._summaryChanged;
  }

  open(sessionId?: string): Promise<void> {
    return this._show(sessionId ?? null);
  }

  /** Whoever shows the numbers wants them to be right; disposing the result says that it does no more. */
  watch(): { dispose: () => void } {
    this._watchers += 1;
    if (this._watchers === 1) {
      this._timer = setInterval(() => {
        if (!document.hidden && Date.now() - this._askedAt > STALE) {
          void this.refresh();
        }
      }, 60_000);
    }
    if (this._askedAt === 0) {
      this._soon();
    }
    let done = false;
    return {
      dispose: () => {
        if (!done) {
          done = true;
          this._watchers -= 1;
          if (this._watchers === 0) {
            clearInterval(this._timer);
          }
        }
      }
    };
  }

  refresh(): Promise<void> {
    // One that was asked for before the last change would bring old numbers: it is asked again after that.
    if (this._asking) {
      this._again ??= this._asking.then(() => {
        this._again = null;
        return this._ask();
      });
      return this._again;
    }
    return this._ask();
  }

  private _ask(): Promise<void> {
    clearTimeout(this._pending);
    this._pending = undefined;
    this._askedAt = Date.now();
    this._asking = this._client
      .usageSummary()
      .then(summary => {
        this._summary = summary;
        this._problem = null;
      })
      .catch((error: unknown) => {
        this._problem = error;
      })
      .then(() => {
        this._asking = null;
        this._summaryChanged.emit();
      });
    return this._asking;
  }

  private _take = (_: IAgentActivity, event: ITopicEvent): void => {
    if (event.topic !== 'turns' || this._watchers === 0) {
      return;
    }
    if (event.snapshot) {
      // The first one, or after a time without a connection.
      this._soon();
      return;
    }
    const turn = event.data.turn as ITurn | undefined;
    if (turn?.status === 'finished') {
      this._soon();
    }
  };

  private _reconnected = (): void => {
    const offline = this._activity.state === 'offline';
    if (this._wasOffline && !offline && this._watchers > 0) {
      this._soon();
    }
    this._wasOffline = offline;
  };

  private _soon(): void {
    if (this._activity.state === 'connecting' || this._pending) {
      return;
    }
    this._pending = setTimeout(() => {
      this._pending = undefined;
      if (this._activity.state !== 'absent') {
        void this.refresh();
      }
    }, this._settle);
  }

  private _activity: IAgentActivity;
  private _again: Promise<void> | null = null;
  private _askedAt = 0;
  private _asking: Promise<void> | null = null;
  private _client: IAgentClient;
  private _pending: ReturnType<typeof setTimeout> | undefined;
  private _problem: unknown = null;
  private _settle: number;
  private _show: (sessionId: string | null) => Promise<void>;
  private _summary: IUsageSummary | null = null;
  private _summaryChanged = new Signal<this, void>(this);
  private _timer: ReturnType<typeof setInterval> | undefined;
  private _wasOffline = false;
  private _watchers = 0;
}
