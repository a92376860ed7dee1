import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { readError, UnreachableError } from './errors';
import type {
  IAnalysis,
  IApproval,
  IApprovalAnswer,
  IBlobInfo,
  IBlobUpload,
  IBranch,
  IBudgetLimit,
  IBudgets,
  ICacheStatistics,
  ICapacityReport,
  ICheckpoint,
  ICleared,
  ICodeEdit,
  ICompletion,
  IConfig,
  ICompletionRequest,
  IContextSnapshot,
  ICostReport,
  IEditedCode,
  IEfficiencyReport,
  IFeedback,
  IInfo,
  IMessage,
  IModel,
  IPage,
  IPolicy,
  IProvider,
  IProviderWrite,
  IRecommendations,
  IResend,
  IRetry,
  ISearchHit,
  ISession,
  ISessionCreate,
  ISessionInsights,
  ISessionPatch,
  IStatus,
  ISummarize,
  ISummary,
  ITaskList,
  ITimeSeries,
  ITrace,
  ITransaction,
  ITurn,
  ITurnContext,
  ITurnModelSelection,
  ITurnPolicy,
  ITurnStart,
  ITurnTips,
  ITurnTools,
  IUsageSummary,
  IVerifyResult,
  IVerifyUnsaved,
  Remember
} from './types';

interface ICallOptions {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The request outlives the page. */
  keepalive?: boolean;
}

/** A file that the server made. */
export interface IDownload {
  name: string;
  content: Blob;
}

/** Which requests, and when. */
interface ISpanQuery {
  period?: string;
  /** In place of the period, taken to the quarter of an hour. */
  start?: string;
  end?: string;
  provider?: string;
  model?: string;
  session_id?: string;
  purpose?: string;
  limit?: number;
  offset?: number;
}

export interface ICostQuery extends ISpanQuery {
  /** What is summed together: `day,model`. */
  by: string;
  /** In which days begin; the server's own if left out. */
  timezone?: string;
}

export interface ITransactionQuery extends ISpanQuery {
  turn_id?: string;
  failed?: boolean;
  sort?:
    | '-created_at'
    | 'created_at'
    | '-cost'
    | '-input'
    | '-output'
    | '-duration_ms';
}

const id = encodeURIComponent;

/** The server's operations that the lab uses, over Jupyter's own authenticated connection. */
export class AgentClient {
  constructor(readonly serverSettings: ServerConnection.ISettings) {}

  info(): Promise<IInfo> {
    return this._call('GET', 'info');
  }

  status(): Promise<IStatus> {
    return this._call('GET', 'status');
  }

  listSessions(query: {
    q?: string;
    status?: string;
    /** One a conversation: the version with the newest activity. */
    latest?: boolean;
    limit?: number;
    offset?: number;
  }): Promise<IPage<ISession>> {
    return this._call('GET', 'sessions', { query });
  }

  createSession(body: ISessionCreate): Promise<ISession> {
    return this._call('POST', 'sessions', { body });
  }

  getSession(sessionId: string): Promise<ISession> {
    return this._call('GET', `sessions/${id(sessionId)}`);
  }

  patchSession(sessionId: string, body: ISessionPatch): Promise<ISession> {
    return this._call('PATCH', `sessions/${id(sessionId)}`, { body });
  }

  /**
   * Deletes a conversation for good, with all its versions.
   *
   * @param keepalive - the page is being left: the request is carried out all the same.
   */
  async purgeSession(sessionId: string, keepalive = false): Promise<void> {
    await this._call('DELETE', `sessions/${id(sessionId)}`, {
      query: { purge: true, versions: true },
      keepalive
    });
  }

  /** A conversation of its own that begins with what was said up to a message or a turn. */
  branchSession(sessionId: string, body: IBranch): Promise<ISession> {
    return this._call('POST', `sessions/${id(sessionId)}/branch`, { body });
  }

  /** Deletes what was said in it. */
  clearSession(sessionId: string): Promise<ICleared> {
    return this._call('POST', `sessions/${id(sessionId)}/clear`);
  }

  /** Lets a summary stand for the older messages in what the model reads. */
  summarizeSession(
    sessionId: string,
    body: ISummarize = {}
  ): Promise<ISummary> {
    return this._call('POST', `sessions/${id(sessionId)}/summarize`, { body });
  }

  /** The conversation as a file: `md`, `ipynb` or `json`. */
  exportSession(
    sessionId: string,
    format: 'md' | 'ipynb' | 'json'
  ): Promise<IDownload> {
    return this._download(`sessions/${id(sessionId)}/export`, { format });
  }

  /** Finds words in titles, messages and results of tools, the best first. */
  search(query: {
    q: string;
    kind?: ISearchHit['kind'];
    limit?: number;
  }): Promise<IPage<ISearchHit>> {
    return this._call('GET', 'search', { query });
  }

  /** Keeps a picture until a message names it. */
  createBlob(body: IBlobUpload): Promise<IBlobInfo> {
    return this._call('POST', 'blobs', { body });
  }

  /** A picture of a message. */
  async getBlob(blobId: string): Promise<Blob> {
    return (await this._download(`blobs/${id(blobId)}`)).content;
  }

  listMessages(
    sessionId: string,
    query: { limit?: number; offset?: number; order?: 'asc' | 'desc' }
  ): Promise<IPage<IMessage>> {
    return this._call('GET', `sessions/${id(sessionId)}/messages`, { query });
  }

  listTurns(
    sessionId: string,
    query: { limit?: number; offset?: number }
  ): Promise<IPage<ITurn>> {
    return this._call('GET', `sessions/${id(sessionId)}/turns`, { query });
  }

  /** Starts a turn. The same key twice gives the turn of the first time. */
  startTurn(
    sessionId: string,
    body: ITurnStart,
    idempotencyKey: string
  ): Promise<ITurn> {
    return this._call('POST', `sessions/${id(sessionId)}/turns`, {
      body,
      headers: { 'Idempotency-Key': idempotencyKey }
    });
  }

  getTurn(turnId: string): Promise<ITurn> {
    return this._call('GET', `turns/${id(turnId)}`);
  }

  /** The turn's event stream after this index; resolves with whatever the server answers. */
  async turnEvents(
    turnId: string,
    after: number | null,
    signal: AbortSignal
  ): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (after !== null) {
      headers['Last-Event-ID'] = String(after);
    }
    return this._fetch('GET', `turns/${id(turnId)}/events`, {
      headers,
      signal
    });
  }

  interruptTurn(turnId: string): Promise<ITurn> {
    return this._call('POST', `turns/${id(turnId)}/interrupt`, { body: {} });
  }

  async guideTurn(turnId: string, message: string): Promise<{ id: string }> {
    return this._call('POST', `turns/${id(turnId)}/guidance`, {
      body: { message }
    });
  }

  retryTurn(
    turnId: string,
    body: IRetry,
    idempotencyKey: string
  ): Promise<ITurn> {
    return this._call('POST', `turns/${id(turnId)}/retry`, {
      body,
      headers: { 'Idempotency-Key': idempotencyKey }
    });
  }

  /** Asks a user's message again, as it was or otherwise, in a new version of the conversation. */
  resendMessage(
    sessionId: string,
    messageId: string,
    body: IResend,
    idempotencyKey: string
  ): Promise<ITurn> {
    return this._call(
      'POST',
      `sessions/${id(sessionId)}/messages/${id(messageId)}/resend`,
      { body, headers: { 'Idempotency-Key': idempotencyKey } }
    );
  }

  approve(
    approvalId: string,
    body: { arguments?: Record<string, unknown>; remember?: Remember }
  ): Promise<IApproval> {
    return this._call('POST', `approvals/${id(approvalId)}/approve`, { body });
  }

  deny(
    approvalId: string,
    body: { message?: string | null; stop?: boolean }
  ): Promise<IApproval> {
    return this._call('POST', `approvals/${id(approvalId)}/deny`, { body });
  }

  /** Answers several approvals: all of them or none. */
  answerApprovals(answers: IApprovalAnswer[]): Promise<{ items: IApproval[] }> {
    return this._call('POST', 'approvals/answers', { body: { answers } });
  }

  /** What the user's agents may do. */
  getPolicy(): Promise<IPolicy> {
    return this._call('GET', 'policy');
  }

  /** The to-do list that the agent keeps. */
  sessionTasks(sessionId: string): Promise<ITaskList> {
    return this._call('GET', `sessions/${id(sessionId)}/tasks`);
  }

  /** All that turns of a conversation changed, the newest first. */
  listCheckpoints(
    sessionId: string,
    query: { limit?: number; offset?: number }
  ): Promise<IPage<ICheckpoint>> {
    return this._call('GET', `sessions/${id(sessionId)}/checkpoints`, {
      query
    });
  }

  /** All that a turn changed. */
  getCheckpoint(turnId: string): Promise<ICheckpoint> {
    return this._call('GET', `turns/${id(turnId)}/checkpoint`);
  }

  /** Brings back what was there before: all that the turn changed, or these edits. */
  undoTurn(turnId: string, editIds?: readonly string[]): Promise<ICheckpoint> {
    return this._call('POST', `turns/${id(turnId)}/undo`, {
      body: { edit_ids: editIds ?? null }
    });
  }

  redoTurn(turnId: string): Promise<ICheckpoint> {
    return this._call('POST', `turns/${id(turnId)}/redo`, { body: {} });
  }

  /** Lets changes stand. */
  acceptTurn(
    turnId: string,
    editIds?: readonly string[]
  ): Promise<ICheckpoint> {
    return this._call('POST', `turns/${id(turnId)}/accept`, {
      body: { edit_ids: editIds ?? null }
    });
  }

  /** What turns changed in a notebook or file and nobody has accepted or undone yet, the newest first. */
  checkpointsOf(path: string): Promise<{ items: ICheckpoint[] }> {
    return this._call('GET', 'checkpoints', { query: { path } });
  }

  /** What to insert at a cursor. */
  completeCode(
    body: ICompletionRequest,
    signal: AbortSignal
  ): Promise<ICompletion> {
    return this._call('POST', 'completions', { body, signal });
  }

  /** Code, changed as told; nothing is written. */
  editCode(body: ICodeEdit, signal: AbortSignal): Promise<IEditedCode> {
    return this._call('POST', 'completions/edit', { body, signal });
  }

  async listModels(): Promise<IModel[]> {
    return (await this._call<{ items: IModel[] }>('GET', 'models')).items;
  }

  async listProviders(): Promise<IProvider[]> {
    return (await this._call<{ items: IProvider[] }>('GET', 'providers')).items;
  }

  /** Tries a key that is not stored yet with a real call. */
  verifyProvider(provider: IVerifyUnsaved): Promise<IVerifyResult> {
    return this._call('POST', 'providers/verify', { body: provider });
  }

  setProviderKey(providerId: string, apiKey: string): Promise<IProvider> {
    return this._call('PUT', `providers/${id(providerId)}/key`, {
      body: { api_key: apiKey }
    });
  }

  createProvider(provider: IProviderWrite): Promise<IProvider> {
    return this._call('POST', 'providers', { body: provider });
  }

  /** Replaces a provider's configuration; `***` as its key keeps the one that is stored. */
  updateProvider(
    providerId: string,
    provider: IProviderWrite
  ): Promise<IProvider> {
    return this._call('PUT', `providers/${id(providerId)}`, { body: provider });
  }

  setDefaultModel(provider: string, model: string | null): Promise<unknown> {
    return this._call('PUT', 'providers/default', {
      body: { provider, model }
    });
  }

  /** The server's settings, with where each comes from. */
  getConfig(): Promise<IConfig> {
    return this._call('GET', 'config');
  }

  /** Changes settings: all of them or, where it rejects, none. */
  patchConfig(
    values: Record<string, unknown>,
    version: number
  ): Promise<IConfig> {
    return this._call('PATCH', 'config', { body: { values, version } });
  }

  /** What the model saw in each request of a turn, without the contents. */
  turnContext(turnId: string): Promise<ITurnContext> {
    return this._call('GET', `turns/${id(turnId)}/context`);
  }

  /** One model request with the exact messages that were sent. */
  contextSnapshot(
    turnId: string,
    requestId: string
  ): Promise<IContextSnapshot> {
    return this._call('GET', `turns/${id(turnId)}/context/${id(requestId)}`);
  }

  /** Why a turn's model was asked, and not another. */
  turnModelSelection(turnId: string): Promise<ITurnModelSelection> {
    return this._call('GET', `turns/${id(turnId)}/model-selection`);
  }

  /** One timeline of a turn's requests, calls, approvals and waits. */
  turnTrace(turnId: string): Promise<ITrace> {
    return this._call('GET', `turns/${id(turnId)}/trace`);
  }

  /** The calls of a turn, as they were recorded. */
  turnTools(turnId: string): Promise<ITurnTools> {
    return this._call('GET', `turns/${id(turnId)}/tools`);
  }

  /** What the policy said to each call of a turn. */
  turnPolicy(turnId: string): Promise<ITurnPolicy> {
    return this._call('GET', `turns/${id(turnId)}/policy`);
  }

  /** What the rules say about a turn. */
  turnTips(turnId: string): Promise<ITurnTips> {
    return this._call('GET', `turns/${id(turnId)}/tips`);
  }

  /** Asks a model about a turn: one request, which costs what it costs. */
  analyzeTurn(turnId: string, signal?: AbortSignal): Promise<IAnalysis> {
    return this._call('POST', `turns/${id(turnId)}/analyze`, {
      body: {},
      signal
    });
  }

  /** What the rules say about a conversation. */
  sessionInsights(sessionId: string): Promise<ISessionInsights> {
    return this._call('GET', `sessions/${id(sessionId)}/insights`);
  }

  /** Asks a model about a conversation: one request, which costs what it costs. */
  analyzeSession(sessionId: string, signal?: AbortSignal): Promise<IAnalysis> {
    return this._call('POST', `sessions/${id(sessionId)}/analyze`, {
      body: {},
      signal
    });
  }

  /** The grades of a conversation's turns. */
  sessionFeedback(
    sessionId: string,
    query: { limit?: number; offset?: number } = {}
  ): Promise<IPage<IFeedback>> {
    return this._call('GET', `sessions/${id(sessionId)}/feedback`, { query });
  }

  /** The grade of a turn. */
  getFeedback(turnId: string): Promise<IFeedback> {
    return this._call('GET', `turns/${id(turnId)}/feedback`);
  }

  /** Grades a turn, from 1 to 5; the last one counts. */
  giveFeedback(
    turnId: string,
    grade: number,
    comment: string
  ): Promise<IFeedback> {
    return this._call('PUT', `turns/${id(turnId)}/feedback`, {
      body: { grade, comment, source: 'lab' }
    });
  }

  async deleteFeedback(turnId: string): Promise<void> {
    await this._call('DELETE', `turns/${id(turnId)}/feedback`);
  }

  /** Today, this month, and what is left of the budgets. */
  usageSummary(): Promise<IUsageSummary> {
    return this._call('GET', 'stats/summary');
  }

  /** Sums of a period, grouped. */
  usageCosts(query: ICostQuery, signal?: AbortSignal): Promise<ICostReport> {
    return this._call('GET', 'stats/costs', { query: { ...query }, signal });
  }

  /** The ledger: every model request, and what it cost. */
  listTransactions(
    query: ITransactionQuery,
    signal?: AbortSignal
  ): Promise<IPage<ITransaction>> {
    return this._call('GET', 'stats/transactions', {
      query: { ...query },
      signal
    });
  }

  cacheStatistics(period: string): Promise<ICacheStatistics> {
    return this._call('GET', 'stats/cache', { query: { period } });
  }

  modelEfficiency(period: string): Promise<IEfficiencyReport> {
    return this._call('GET', 'stats/efficiency', { query: { period } });
  }

  usageTimeseries(hours: number): Promise<ITimeSeries> {
    return this._call('GET', 'stats/timeseries', { query: { hours } });
  }

  providerCapacity(): Promise<ICapacityReport> {
    return this._call('GET', 'stats/capacity');
  }

  /** All rows of a period as a file. */
  exportStatistics(query: {
    table: 'costs' | 'transactions' | 'turns';
    format: 'csv' | 'parquet' | 'arrow';
    period?: string;
    start?: string;
    end?: string;
    by?: string;
    timezone?: string;
  }): Promise<IDownload> {
    return this._download('stats/export', query);
  }

  getBudgets(sessionId?: string): Promise<IBudgets> {
    return this._call('GET', 'budgets', { query: { session_id: sessionId } });
  }

  /** Sets the user's own limits: all that are here, and no others. */
  putBudgets(items: readonly IBudgetLimit[]): Promise<IBudgets> {
    return this._call('PUT', 'budgets', { body: { items } });
  }

  /** What would make the user's work better or cheaper, by the rules. */
  listRecommendations(period: string): Promise<IRecommendations> {
    return this._call('GET', 'recommendations', { query: { period } });
  }

  /** The same, and what a model says about them: one request to a model. */
  generateRecommendations(
    period: string,
    signal?: AbortSignal
  ): Promise<IRecommendations> {
    return this._call('POST', 'recommendations/generate', {
      query: { period },
      body: {},
      signal
    });
  }

  /** Address of the WebSocket that tells what happens for this user. */
  get socketUrl(): string {
    const url = URLExt.join(this.serverSettings.wsUrl, 'agent/v1/ws');
    const token = this.serverSettings.token;
    return this.serverSettings.appendToken && token
      ? `${url}?token=${id(token)}`
      : url;
  }

  private async _call<T>(
    method: string,
    path: string,
    options: ICallOptions = {}
  ): Promise<T> {
    const response = await this._fetch(method, path, options);
    if (!response.ok) {
      throw await readError(response);
    }
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  private async _download(
    path: string,
    query: ICallOptions['query'] = {}
  ): Promise<IDownload> {
    const response = await this._fetch('GET', path, { query });
    if (!response.ok) {
      throw await readError(response);
    }
    const disposition = response.headers.get('Content-Disposition') ?? '';
    const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
    const plain = /filename="?([^";]+)"?/i.exec(disposition)?.[1];
    return {
      name: encoded ? decodeURIComponent(encoded) : (plain ?? ''),
      content: await response.blob()
    };
  }

  private async _fetch(
    method: string,
    path: string,
    options: ICallOptions
  ): Promise<Response> {
    let url = URLExt.join(this.serverSettings.baseUrl, 'agent/v1', path);
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) {
        query.set(name, String(value));
      }
    }
    if (query.size > 0) {
      url += `?${query.toString()}`;
    }
    const init: RequestInit = {
      method,
      headers: options.headers ?? {},
      signal: options.signal ?? null,
      keepalive: options.keepalive ?? false
    };
    if (options.body !== undefined) {
      init.body = JSON.stringify(options.body);
      init.headers = { ...options.headers, 'Content-Type': 'application/json' };
    }
    try {
      return await ServerConnection.makeRequest(url, init, this.serverSettings);
    } catch (error) {
      throw new UnreachableError(
        error instanceof Error ? error.message : String(error)
      );
    }
  }
}
