import { Signal, type ISignal } from '@lumino/signaling';
import { ApiError } from '../api/errors';
import { number, text } from '../api/read';
import type { ITopicEvent } from '../api/socket';
import type { IFeedback } from '../api/types';
import type { IAgentActivity, IAgentClient, IAgentGrades } from '../tokens';

const PAGE = 500;

/** Grades as the server has them: read once a conversation, then as it tells what changes. */
export class Grades implements IAgentGrades {
  constructor(options: {
    client: IAgentClient;
    activity: Pick<IAgentActivity, 'event'>;
  }) {
    this._client = options.client;
    options.activity.event.connect((_, event) => this._take(event), this);
  }

  get changed(): ISignal<this, string | null> {
    return this._changed;
  }

  of(turnId: string): IFeedback | null | undefined {
    return this._known.get(turnId);
  }

  load(sessionId: string): Promise<void> {
    let loading = this._sessions.get(sessionId);
    if (!loading) {
      loading = this._read(sessionId).catch((error: unknown) => {
        // It is asked again by whoever shows the conversation next.
        this._sessions.delete(sessionId);
        throw error;
      });
      this._sessions.set(sessionId, loading);
    }
    return loading;
  }

  /** Reads the grade of one turn, where it is not known. */
  async loadTurn(turnId: string): Promise<void> {
    if (this._known.has(turnId)) {
      return;
    }
    try {
      this._set(turnId, await this._client.getFeedback(turnId));
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) {
        throw error;
      }
      this._set(turnId, null);
    }
  }

  async give(
    turnId: string,
    grade: number,
    comment?: string
  ): Promise<IFeedback> {
    if (comment === undefined) {
      // The comment that it has is kept.
      await this.loadTurn(turnId);
    }
    const given = await this._client.giveFeedback(
      turnId,
      grade,
      comment ?? this._known.get(turnId)?.comment ?? ''
    );
    this._set(turnId, given);
    return given;
  }

  async remove(turnId: string): Promise<void> {
    try {
      await this._client.deleteFeedback(turnId);
    } catch (error) {
      // Somebody took it back before.
      if (!(error instanceof ApiError && error.status === 404)) {
        throw error;
      }
    }
    this._set(turnId, null);
  }

  private async _read(sessionId: string): Promise<void> {
    let offset = 0;
    for (;;) {
      const page = await this._client.sessionFeedback(sessionId, {
        limit: PAGE,
        offset
      });
      page.items.forEach(item => this._known.set(item.turn_id, item));
      offset += page.items.length;
      if (page.items.length === 0 || offset >= page.total) {
        break;
      }
    }
    this._changed.emit(null);
  }

  private _take({ topic, snapshot, data }: ITopicEvent): void {
    if (topic !== 'turns') {
      return;
    }
    if (snapshot) {
      // The connection is new: what happened in between was not told.
      this._known.clear();
      const sessions = [...this._sessions.keys()];
      this._sessions.clear();
      this._changed.emit(null);
      sessions.forEach(sessionId => {
        this.load(sessionId).catch((error: unknown) =>
          console.warn('jupyterlab-agent: grades cannot be read', error)
        );
      });
      return;
    }
    const turnId = text(data.turn_id);
    if (data.type === 'feedback' && turnId) {
      const grade = number(data.grade);
      const now = new Date().toISOString();
      this._set(
        turnId,
        grade === null
          ? null
          : {
              turn_id: turnId,
              session_id: text(data.session_id),
              grade,
              comment: text(data.comment),
              source: 'api',
              created_at: now,
              updated_at: now
            }
      );
    }
  }

  private _set(turnId: string, feedback: IFeedback | null): void {
    const before = this._known.get(turnId);
    this._known.set(turnId, feedback);
    if (
      before === undefined ||
      before?.grade !== feedback?.grade ||
      before?.comment !== feedback?.comment
    ) {
      this._changed.emit(turnId);
    }
  }

  private _changed = new Signal<this, string | null>(this);
  private _client: IAgentClient;
  /** By turn. */
  private _known = new Map<string, IFeedback | null>();
  private _sessions = new Map<string, Promise<void>>();
}
