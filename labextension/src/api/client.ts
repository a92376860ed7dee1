import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { readError, UnreachableError } from './errors';
import type {
  IInfo,
  IMessage,
  IModel,
  IPage,
  IProvider,
  IProviderWrite,
  IRetry,
  ISession,
  ISessionCreate,
  ISessionPatch,
  IStatus,
  ITurn,
  ITurnStart,
  IVerifyResult,
  IVerifyUnsaved
} from './types';

interface ICallOptions {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
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

  async purgeSession(sessionId: string): Promise<void> {
    await this._call('DELETE', `sessions/${id(sessionId)}`, {
      query: { purge: true }
    });
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

  setDefaultModel(provider: string, model: string | null): Promise<unknown> {
    return this._call('PUT', 'providers/default', {
      body: { provider, model }
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
      signal: options.signal ?? null
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
