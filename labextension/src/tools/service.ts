import { Signal, type ISignal } from '@lumino/signaling';
import { ApiError } from '../api/errors';
import type { ITopicEvent } from '../api/socket';
import type {
  IApproval,
  IApprovalAnswer,
  ICheckpoint,
  Remember
} from '../api/types';
import type {
  IAgentActivity,
  IAgentClient,
  IAgentTools,
  ICheckpointMoved
} from '../tokens';

/** What waits for the user and what can be undone, as the server tells it. */
export class AgentTools implements IAgentTools {
  constructor(options: { client: IAgentClient; activity: IAgentActivity }) {
    this._client = options.client;
    options.activity.event.connect((_, event) => this._take(event), this);
  }

  get approvals(): readonly IApproval[] {
    return this._approvals;
  }

  get approvalsChanged(): ISignal<this, void> {
    return this._approvalsChanged;
  }

  get checkpointChanged(): ISignal<this, ICheckpointMoved> {
    return this._checkpointChanged;
  }

  async approve(
    approvalId: string,
    how: { arguments?: Record<string, unknown>; remember?: Remember } = {}
  ): Promise<IApproval> {
    return this._decided(await this._client.approve(approvalId, how));
  }

  async deny(
    approvalId: string,
    how: { message?: string; stop?: boolean } = {}
  ): Promise<IApproval> {
    return this._decided(
      await this._client.deny(approvalId, {
        message: how.message || null,
        stop: how.stop ?? false
      })
    );
  }

  async answer(answers: readonly IApprovalAnswer[]): Promise<void> {
    const { items } = await this._client.answerApprovals([...answers]);
    items.forEach(approval => this._decided(approval));
  }

  async checkpoint(turnId: string): Promise<ICheckpoint | null> {
    try {
      return await this._client.getCheckpoint(turnId);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        return null;
      }
      throw error;
    }
  }

  async undo(
    turnId: string,
    editIds?: readonly string[]
  ): Promise<ICheckpoint> {
    return this._moved(await this._client.undoTurn(turnId, editIds));
  }

  async redo(turnId: string): Promise<ICheckpoint> {
    return this._moved(await this._client.redoTurn(turnId));
  }

  async accept(
    turnId: string,
    editIds?: readonly string[]
  ): Promise<ICheckpoint> {
    return this._moved(await this._client.acceptTurn(turnId, editIds));
  }

  private _take({ topic, snapshot, data }: ITopicEvent): void {
    if (topic === 'approvals') {
      if (snapshot) {
        this._set((data.items ?? []) as IApproval[]);
        return;
      }
      const approval = data.approval as IApproval | undefined;
      if (approval) {
        this._decided(approval);
      }
    } else if (topic === 'turns' && data.type === 'checkpoint') {
      this._checkpointChanged.emit({
        turnId: String(data.turn_id),
        sessionId: String(data.session_id),
        state: data.state as ICheckpoint['state']
      });
    }
  }

  /** One approval as it is by now. */
  private _decided(approval: IApproval): IApproval {
    const others = this._approvals.filter(other => other.id !== approval.id);
    if (approval.status === 'pending') {
      this._set(
        [...others, approval].sort(
          (one, other) =>
            Date.parse(one.created_at) - Date.parse(other.created_at)
        )
      );
    } else if (others.length < this._approvals.length) {
      this._set(others);
    }
    return approval;
  }

  private _set(approvals: readonly IApproval[]): void {
    if (approvals.length > 0 || this._approvals.length > 0) {
      this._approvals = approvals;
      this._approvalsChanged.emit();
    }
  }

  private _moved(checkpoint: ICheckpoint): ICheckpoint {
    this._checkpointChanged.emit({
      turnId: checkpoint.turn_id,
      sessionId: checkpoint.session_id,
      state: checkpoint.state
    });
    return checkpoint;
  }

  private _approvals: readonly IApproval[] = [];
  private _approvalsChanged = new Signal<this, void>(this);
  private _checkpointChanged = new Signal<this, ICheckpointMoved>(this);
  private _client: IAgentClient;
}
