import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AgentClient } from '../../api/client';
import { ApiError, UnreachableError } from '../../api/errors';
import type {
  IMessage,
  IResend,
  ISession,
  ITurn,
  ITurnStart
} from '../../api/types';
import { ChatController, type ITabMemory } from '../controller';
import { answerText } from '../model';

const usage = {
  input: 3,
  output: 2,
  cache_read: 0,
  cache_write: 0,
  requests: 1,
  cost: null
};

/** A server in memory with a durable log a turn, whose network can be cut. */
class FakeServer {
  online = true;
  sessions = new Map<string, ISession>();
  messages: IMessage[] = [];
  turns = new Map<string, { turn: ITurn; log: string[] }>();
  keys = new Map<string, string>();
  calls: string[] = [];
  guidance: string[] = [];
  resent: object[] = [];
  tasks: object[] = [];
  created: object[] = [];
  refuse: string | null = null;
  /** The last deletion was asked to outlive the page. */
  keptAlive = false;
  /** Answers of the next turn starts that get lost on the way back. */
  loseAnswers = 0;
  private _bodies = new Set<ReadableStreamDefaultController<Uint8Array>>();

  get client(): AgentClient {
    const call =
      <A extends unknown[], T>(name: string, run: (...args: A) => T) =>
      (...args: A): Promise<T> => {
        this.calls.push(name);
        if (!this.online) {
          return Promise.reject(new UnreachableError('no network'));
        }
        try {
          return Promise.resolve(run(...args));
        } catch (error) {
          return Promise.reject(
            error instanceof Error ? error : new Error(String(error))
          );
        }
      };
    const page = <T>(items: T[]) => ({
      items,
      total: items.length,
      limit: 100,
      offset: 0
    });
    return {
      info: call('info', () => ({ first_run: true, features: [] })),
      status: call('status', () => ({ readiness: [] })),
      listModels: call('listModels', () => []),
      getPolicy: call('getPolicy', () => ({ mode: 'ask' })),
      sessionTasks: call('sessionTasks', () => ({ items: this.tasks })),
      listProviders: call('listProviders', () => []),
      createSession: call('createSession', (body: object) => {
        this.created.push(body);
        return Object.assign(this.session(), { mode: null }, body);
      }),
      patchSession: call('patchSession', (id: string, body: object) => {
        if (this.refuse) {
          throw new ApiError(403, 'forbidden', this.refuse);
        }
        return Object.assign(this.sessions.get(id)!, body);
      }),
      getSession: call('getSession', (id: string) => {
        const session = this.sessions.get(id);
        if (!session) {
          throw new ApiError(404, 'not_found', 'No such session.');
        }
        return session;
      }),
      listMessages: call('listMessages', () =>
        page([...this.messages].reverse())
      ),
      listTurns: call('listTurns', () =>
        page([...this.turns.values()].map(entry => entry.turn))
      ),
      getTurn: call('getTurn', (id: string) => this.turns.get(id)!.turn),
      startTurn: call(
        'startTurn',
        (sessionId: string, body: ITurnStart, key: string) => {
          const known = this.keys.get(key);
          const turn = known
            ? this.turns.get(known)!.turn
            : this.turn(sessionId, body.message ?? '');
          this.keys.set(key, turn.id);
          if (this.loseAnswers > 0) {
            this.loseAnswers -= 1;
            throw new UnreachableError('reset');
          }
          return turn;
        }
      ),
      guideTurn: call('guideTurn', (id: string, message: string) => {
        if (this.turns.get(id)!.turn.status === 'finished') {
          throw new ApiError(409, 'conflict', 'The turn has ended.');
        }
        this.guidance.push(message);
        return { id: `guid_${this.guidance.length}` };
      }),
      interruptTurn: call('interruptTurn', (id: string) => {
        this.finish(id, 'interrupted');
        return this.turns.get(id)!.turn;
      }),
      purgeSession: call('purgeSession', (id: string, leaving?: boolean) => {
        this.keptAlive = leaving === true;
        this.sessions.delete(id);
      }),
      resendMessage: call(
        'resendMessage',
        (sessionId: string, messageId: string, body: IResend, key: string) => {
          const known = this.keys.get(key);
          if (known) {
            return this.turns.get(known)!.turn;
          }
          this.resent.push({ sessionId, messageId, ...body });
          this.messages = [];
          const turn = this.turn(this.session().id, body.message ?? 'again');
          this.keys.set(key, turn.id);
          return turn;
        }
      ),
      turnEvents: call('turnEvents', (id: string, after: number | null) =>
        this.stream(id, after)
      )
    } as unknown as AgentClient;
  }

  session(): ISession {
    const session = {
      id: `sess_${this.sessions.size + 1}`,
      title: '',
      running_turn_id: null,
      turn_count: 0,
      message_count: 0
    } as unknown as ISession;
    this.sessions.set(session.id, session);
    return session;
  }

  turn(sessionId: string, text: string): ITurn {
    const id = `turn_${this.turns.size + 1}`;
    const turn = {
      id,
      session_id: sessionId,
      status: 'running',
      usage,
      steps: 0,
      message: text,
      created_at: '2026-01-01T00:00:00.000Z'
    } as ITurn;
    this.turns.set(id, { turn, log: [] });
    this.messages.push({
      id: `msg_${this.messages.length}`,
      session_id: sessionId,
      turn_id: id,
      seq: this.messages.length,
      role: 'user',
      parts: [{ type: 'text', text }],
      text,
      in_context: true,
      created_at: turn.created_at
    } as IMessage);
    this.sessions.get(sessionId)!.running_turn_id = id;
    this.emit(id, 'turn_started');
    return turn;
  }

  emit(id: string, type: string, data: object = {}): void {
    const { log } = this.turns.get(id)!;
    log.push(
      `id: ${log.length}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
    );
    for (const body of this._bodies) {
      body.enqueue(new TextEncoder().encode(log.at(-1)));
    }
  }

  say(id: string, delta: string): void {
    this.emit(id, 'content', { delta });
  }

  finish(id: string, stop_reason: string): void {
    const { turn } = this.turns.get(id)!;
    turn.status = 'finished';
    this.sessions.get(turn.session_id)!.running_turn_id = null;
    this.emit(id, 'turn_finished', { stop_reason, usage });
  }

  cut(): void {
    this.online = false;
    for (const body of this._bodies) {
      body.error(new Error('reset'));
    }
    this._bodies.clear();
  }

  private stream(id: string, after: number | null): Response {
    const { log } = this.turns.get(id)!;
    let body: ReadableStreamDefaultController<Uint8Array>;
    return new Response(
      new ReadableStream<Uint8Array>({
        start: controller => {
          body = controller;
          for (const line of log.slice((after ?? -1) + 1)) {
            controller.enqueue(new TextEncoder().encode(line));
          }
          this._bodies.add(controller);
        },
        cancel: () => {
          this._bodies.delete(body);
        }
      })
    );
  }
}

const controllers: ChatController[] = [];

function open(server: FakeServer, memory: ITabMemory = {}): ChatController {
  const controller = new ChatController({
    client: server.client,
    store: {
      load: () => ({ ...memory }),
      save: next => Object.assign(memory, next)
    },
    schedule: callback => setTimeout(callback, 0),
    backoff: () => 5
  });
  controllers.push(controller);
  return controller;
}

/** What the conversation says, a line an exchange. */
function said(controller: ChatController): string[] {
  return controller.state.conversation.exchanges.map(
    exchange => `${exchange.text} > ${answerText(exchange)} [${exchange.state}]`
  );
}

afterEach(() => {
  controllers.splice(0).forEach(controller => controller.dispose());
  vi.useRealTimers();
});

describe('ChatController', () => {
  it('sends a message and follows the answer to its end', async () => {
    const server = new FakeServer();
    const controller = open(server);
    await controller.start();
    controller.send('Hi');
    expect(said(controller)).toEqual(['Hi >  [sending]']);
    await expect.poll(() => server.turns.size).toBe(1);
    server.say('turn_1', 'Good ');
    server.say('turn_1', 'day');
    await expect
      .poll(() => said(controller))
      .toEqual(['Hi > Good day [running]']);
    server.finish('turn_1', 'completed');
    await expect
      .poll(() => said(controller))
      .toEqual(['Hi > Good day [finished]']);
    expect(controller.running).toBeNull();
    expect(controller.state.info?.first_run).toBe(false);
  });

  it('sends once, also when the answer to the sending was lost', async () => {
    const server = new FakeServer();
    server.loseAnswers = 2;
    const controller = open(server);
    await controller.start();
    controller.send('Hi');
    await expect
      .poll(() => server.calls.filter(name => name === 'startTurn').length)
      .toBe(3);
    await expect.poll(() => controller.running?.turnId).toBe('turn_1');
    expect(server.turns.size).toBe(1);
    expect(said(controller)).toEqual(['Hi >  [running]']);
  });

  it('goes on by itself after the network was cut, with nothing twice', async () => {
    const server = new FakeServer();
    const controller = open(server);
    await controller.start();
    controller.send('Count');
    await expect.poll(() => controller.running?.turnId).toBe('turn_1');
    server.say('turn_1', 'one ');
    await expect
      .poll(() => said(controller))
      .toEqual(['Count > one  [running]']);
    server.cut();
    await expect.poll(() => controller.state.connection).toBe('reconnecting');
    server.say('turn_1', 'two ');
    server.online = true;
    await expect
      .poll(() => said(controller))
      .toEqual(['Count > one two  [running]']);
    server.say('turn_1', 'three');
    server.finish('turn_1', 'completed');
    await expect
      .poll(() => said(controller))
      .toEqual(['Count > one two three [finished]']);
    expect(controller.state.connection).toBe('online');
  });

  it('goes on after a reload in the middle of an answer', async () => {
    const server = new FakeServer();
    const memory: ITabMemory = {};
    const first = open(server, memory);
    await first.start();
    first.send('Count');
    await expect.poll(() => first.running?.turnId).toBe('turn_1');
    server.say('turn_1', 'one ');
    first.dispose();
    const second = open(server, memory);
    await second.start();
    server.say('turn_1', 'two');
    await expect
      .poll(() => said(second))
      .toEqual(['Count > one two [running]']);
  });

  it('sends after a reload what had not arrived, and once only what had', async () => {
    for (const arrived of [false, true]) {
      const server = new FakeServer();
      const memory: ITabMemory = {};
      const first = open(server, memory);
      await first.start();
      if (arrived) {
        server.loseAnswers = 1_000_000;
      }
      first.send('Hi');
      if (arrived) {
        await expect.poll(() => server.turns.size).toBe(1);
      } else {
        server.cut();
        await expect.poll(() => memory.pending).toBeTruthy();
      }
      first.dispose();
      server.online = true;
      server.loseAnswers = 0;
      const second = open(server, memory);
      await second.start();
      await expect.poll(() => said(second)).toEqual(['Hi >  [running]']);
      await expect.poll(() => memory.pending).toBeNull();
      expect(server.turns.size).toBe(1);
    }
  });

  it('gives what is sent while a turn runs as guidance', async () => {
    const server = new FakeServer();
    const controller = open(server);
    await controller.start();
    controller.send('Write');
    await expect.poll(() => controller.running?.state).toBe('running');
    controller.send('shorter');
    await expect.poll(() => server.guidance).toEqual(['shorter']);
    await expect
      .poll(() => controller.running?.blocks)
      .toMatchObject([{ kind: 'guidance', text: 'shorter', state: 'queued' }]);
    server.emit('turn_1', 'guidance', { id: 'guid_1', message: 'shorter' });
    await expect
      .poll(() => controller.running?.blocks)
      .toMatchObject([{ kind: 'guidance', state: 'delivered' }]);
    expect(server.turns.size).toBe(1);
  });

  it('sends guidance that came too late as the next message', async () => {
    const server = new FakeServer();
    const controller = open(server);
    await controller.start();
    controller.send('Write');
    await expect.poll(() => controller.running?.state).toBe('running');
    server.turns.get('turn_1')!.turn.status = 'finished';
    controller.send('more');
    await new Promise(resolve => setTimeout(resolve, 20));
    server.finish('turn_1', 'completed');
    await expect
      .poll(() => said(controller))
      .toEqual(['Write >  [finished]', 'more >  [running]']);
  });

  it('stops a turn and keeps what it said', async () => {
    const server = new FakeServer();
    const controller = open(server);
    await controller.start();
    controller.send('Write');
    await expect.poll(() => controller.running?.turnId).toBe('turn_1');
    server.say('turn_1', 'Once');
    await controller.stop();
    await expect
      .poll(() => said(controller))
      .toEqual(['Write > Once [finished]']);
    expect(controller.state.conversation.exchanges[0]!.stopReason).toBe(
      'interrupted'
    );
  });

  it('shows a refusal and gives the text back', async () => {
    const server = new FakeServer();
    const controller = open(server);
    await controller.start();
    const client = controller.client as unknown as Record<string, unknown>;
    client.startTurn = () =>
      Promise.reject(new ApiError(413, 'too_large', 'That is too much.'));
    controller.send('Much');
    await expect.poll(() => said(controller)).toEqual(['Much >  [unsent]']);
    const [unsent] = controller.state.conversation.exchanges;
    expect(unsent!.failure).toMatchObject({ code: 'too_large' });
    controller.discard(unsent!);
    expect(controller.draft.text).toBe('Much');
    expect(said(controller)).toEqual([]);
  });

  it('deletes only when the time to undo is over', async () => {
    const server = new FakeServer();
    const controller = open(server);
    await controller.start();
    const kept = server.session();
    const gone = server.session();
    vi.useFakeTimers();
    await controller.remove(kept);
    await controller.undo();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.sessions.has(kept.id)).toBe(true);
    await controller.remove(gone);
    expect(server.sessions.has(gone.id)).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.sessions.has(gone.id)).toBe(false);
  });

  it('follows a turn that another client started in the open conversation', async () => {
    const server = new FakeServer();
    const controller = open(server);
    const session = server.session();
    await controller.start(session.id);
    const turn = server.turn(session.id, 'From a notebook');
    controller.moved({ topic: 'turns', snapshot: false, data: { ...turn } });
    controller.moved({ topic: 'turns', snapshot: false, data: { ...turn } });
    server.say(turn.id, 'Seen');
    await expect
      .poll(() => said(controller))
      .toEqual(['From a notebook > Seen [running]']);
  });

  it('starts again when the server comes back, and says when it refuses', async () => {
    const server = new FakeServer();
    server.cut();
    const controller = open(server);
    const started = controller.start();
    await expect.poll(() => controller.state.connection).toBe('reconnecting');
    server.online = true;
    await started;
    expect(controller.state.phase).toBe('ready');
    const client = controller.client as unknown as Record<string, unknown>;
    client.info = () =>
      Promise.reject(new ApiError(404, 'not_found', 'Nothing here.'));
    await controller.start();
    expect(controller.state).toMatchObject({
      phase: 'failed',
      failure: { status: 404 }
    });
  });

  it('deletes at once when the page goes away', async () => {
    const server = new FakeServer();
    const controller = open(server);
    await controller.start();
    const gone = server.session();
    await controller.remove(gone);
    controller.leave();
    expect(server.sessions.has(gone.id)).toBe(false);
    expect(server.keptAlive).toBe(true);
    await controller.undo();
    expect(controller.state.conversation.session).toBeNull();
  });

  it('asks something else in a new version and opens it', async () => {
    const server = new FakeServer();
    const controller = open(server);
    await controller.start();
    controller.send('First');
    await expect.poll(() => controller.running?.turnId).toBe('turn_1');
    server.finish('turn_1', 'completed');
    await expect
      .poll(() => controller.state.conversation.exchanges[0]?.messageId)
      .toBe('msg_0');
    controller.draft.setText('half a thought');
    const [first] = controller.state.conversation.exchanges;
    expect(await controller.edit(first!, ' Other ', [])).toBe(true);
    expect(server.resent).toMatchObject([
      { sessionId: 'sess_1', messageId: 'msg_0', message: 'Other', parts: [] }
    ]);
    expect(controller.state.conversation.session?.id).toBe('sess_2');
    expect(said(controller)).toEqual(['Other >  [running]']);
    expect(controller.draft.text).toBe('half a thought');
  });

  it('does not fetch back who has gone elsewhere meanwhile', async () => {
    const server = new FakeServer();
    const controller = open(server);
    await controller.start();
    controller.send('First');
    await expect.poll(() => controller.running?.turnId).toBe('turn_1');
    server.finish('turn_1', 'completed');
    await expect
      .poll(() => controller.state.conversation.exchanges[0]?.messageId)
      .toBe('msg_0');
    const edited = controller.edit(
      controller.state.conversation.exchanges[0]!,
      'Other',
      []
    );
    controller.newSession();
    await edited;
    expect(controller.state.conversation.session).toBeNull();
    expect(server.turns.size).toBe(2);
  });

  it('sends a message with a picture after a reload, once', async () => {
    const server = new FakeServer();
    const memory: ITabMemory = {};
    const first = open(server, memory);
    await first.start();
    server.cut();
    first.send('Look', [
      { type: 'image', media_type: 'image/png', blob_id: 'blob_1' }
    ]);
    await expect.poll(() => memory.pending?.parts).toHaveLength(1);
    first.dispose();
    server.online = true;
    const second = open(server, memory);
    await second.start();
    await expect.poll(() => second.running?.turnId).toBe('turn_1');
    expect(server.turns.size).toBe(1);
    expect(second.running?.parts).toMatchObject([{ blob_id: 'blob_1' }]);
  });

  it('reads the versions again when another one of the conversation comes', async () => {
    const server = new FakeServer();
    const controller = open(server);
    const session = Object.assign(server.session(), { conversation_id: 'c' });
    server.turn(session.id, 'Hello');
    server.finish('turn_1', 'completed');
    await controller.start(session.id);
    const versions = ['msg_0', 'msg_9'].map(message_id => ({
      message_id,
      session_id: 's',
      created_at: ''
    }));
    Object.assign(server.messages[0]!, { versions, version: 0 });
    controller.moved({
      topic: 'sessions',
      snapshot: false,
      data: {
        type: 'session_created',
        session: { ...session, id: 'sess_9' }
      }
    });
    await expect
      .poll(() => controller.state.conversation.exchanges[0]?.versions)
      .toHaveLength(2);
  });

  it('keeps the mode of a new chat until there is one, over a reload, too', async () => {
    const server = new FakeServer();
    const memory: ITabMemory = {};
    const first = open(server, memory);
    await first.start();
    await expect.poll(() => first.state.mode).toBe('ask');
    await first.chooseMode('auto_edit');
    first.dispose();
    const second = open(server, memory);
    await second.start();
    await expect.poll(() => second.state.mode).toBe('auto_edit');
    second.send('Hi');
    await expect.poll(() => server.turns.size).toBe(1);
    expect(server.created).toMatchObject([{ mode: 'auto_edit' }]);
    second.newSession();
    expect(second.state.mode).toBe('ask');
  });

  it('shows no mode that the server does not allow', async () => {
    const server = new FakeServer();
    const controller = open(server);
    const session = server.session();
    await controller.start(session.id);
    await expect.poll(() => controller.state.mode).toBe('ask');
    await controller.chooseMode('auto_edit');
    expect(controller.state.mode).toBe('auto_edit');
    server.refuse = 'Not here.';
    await controller.chooseMode('auto');
    expect(controller.state.mode).toBe('auto_edit');
    expect(controller.state.problem).toBe('Not here.');
    // Somebody else may change it.
    controller.moved({
      topic: 'sessions',
      snapshot: false,
      data: {
        type: 'session_updated',
        session: { ...session, mode: 'read_only' }
      }
    });
    expect(controller.state.mode).toBe('read_only');
  });

  it('follows a turn that waits, and has its calls and its to-do list after a reload', async () => {
    const server = new FakeServer();
    const session = server.session();
    const turn = server.turn(session.id, 'Mend it');
    turn.status = 'waiting';
    server.tasks = [{ id: '1', title: 'Look', status: 'completed' }];
    server.emit('turn_1', 'tool_call', {
      tool_call_id: 'c1',
      name: 'run_code',
      args: { code: '1' }
    });
    server.emit('turn_1', 'approval_requested', {
      tool_call_id: 'c1',
      approval_id: 'appr_1',
      shown: 'run_code'
    });
    const controller = open(server);
    await controller.start(session.id);
    await expect
      .poll(() => controller.waiting.map(call => call.asked?.id))
      .toEqual(['appr_1']);
    expect(controller.state.conversation.tasks).toEqual(server.tasks);
    // Answered elsewhere.
    server.emit('turn_1', 'approval_decided', {
      tool_call_id: 'c1',
      approval_id: 'appr_1',
      status: 'approved'
    });
    await expect.poll(() => controller.waiting).toEqual([]);
  });
});
