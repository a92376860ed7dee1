import { YFile, YNotebook } from '@jupyter/ydoc';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Bridge } from '../bridge';
import type { OpenDocuments, OpenNotebook } from '../documents';

vi.mock('../place', () => ({ keepPlace: () => () => undefined }));

interface IAnswer {
  type: string;
  id: string;
  result?: Record<string, unknown>;
  error?: { code: string; message: string; data: Record<string, unknown> };
}

let shared: YNotebook;
let file: YFile;
let kernel: { id: string; status: string };
let panel: {
  content: { model: Record<string, unknown> };
  context: Record<string, unknown>;
  sessionContext: object;
};
let models: Record<string, unknown>[];
let bridge: Bridge;
let number = 0;

async function ask(method: string, params: object): Promise<IAnswer> {
  number += 1;
  const answer = await bridge.answer({
    type: 'request',
    id: `r${number}`,
    method,
    params,
    timeout_seconds: 5
  });
  expect(answer).toMatchObject({ type: 'result', id: `r${number}` });
  return answer as IAnswer;
}

beforeEach(() => {
  shared = YNotebook.create({
    disableDocumentWideUndoRedo: true,
    data: {
      cells: [
        {
          id: 'a',
          cell_type: 'code',
          source: 'x = 1',
          metadata: {},
          execution_count: 2,
          outputs: [
            { output_type: 'error', ename: 'E', evalue: 'why', traceback: [] }
          ]
        },
        { id: 'm', cell_type: 'markdown', source: '# m', metadata: {} }
      ],
      metadata: { kernelspec: { name: 'python3', display_name: 'P' } },
      nbformat: 4,
      nbformat_minor: 5
    }
  });
  const list = [
    { output_type: 'error', ename: 'E', evalue: 'why', traceback: [] }
  ] as Record<string, unknown>[];
  models = [
    {
      id: 'a',
      type: 'code',
      executionState: 'idle',
      executionCount: 2,
      clearExecution: () => list.splice(0),
      outputs: {
        get length() {
          return list.length;
        },
        get: (index: number) => ({
          type: list[index]!.output_type,
          toJSON: () => list[index]
        }),
        add: (output: Record<string, unknown>) => list.push(output),
        set: (index: number, output: Record<string, unknown>) =>
          (list[index] = output),
        clear: () => list.splice(0)
      }
    },
    { id: 'm', type: 'markdown' }
  ];
  kernel = { id: 'k1', status: 'idle' };
  panel = {
    content: {
      model: {
        sharedModel: shared,
        cells: models,
        dirty: true,
        readOnly: false
      }
    },
    context: { contentsModel: { writable: true } },
    sessionContext: { session: { kernel } }
  };
  file = new YFile();
  file.setSource('one\n');
  const context = {
    path: 'a.py',
    model: { sharedModel: file, dirty: true, readOnly: false },
    contentsModel: { writable: true }
  };
  bridge = new Bridge({
    documents: {
      notebook: (path: string) =>
        path === 'a.ipynb' ? (panel as unknown as OpenNotebook) : null,
      file: (path: string) =>
        path === 'a.py'
          ? (context as unknown as DocumentRegistry.Context)
          : null
    } as OpenDocuments,
    callTool: name =>
      name === 'good'
        ? Promise.resolve({ content: 'done' })
        : Promise.reject(new Error('it broke'))
  });
});

describe('the bridge', () => {
  it('reads a notebook, with outputs or with what is known of them', async () => {
    const whole = await ask('notebook/read', {
      path: 'a.ipynb',
      outputs: true
    });
    expect(whole.result).toMatchObject({
      ids: ['a', 'm'],
      kernel_id: 'k1',
      dirty: true,
      read_only: false,
      nbformat: 4
    });
    const { result } = await ask('notebook/read', {
      path: 'a.ipynb',
      outputs: false
    });
    const [code] = result!.cells as Record<string, unknown>[];
    expect(code).toEqual({
      id: 'a',
      cell_type: 'code',
      source: 'x = 1',
      metadata: {},
      execution_count: 2,
      output_state: { count: 1, error: 'E: why' }
    });
    const some = await ask('notebook/read', {
      path: 'a.ipynb',
      outputs: true,
      cell_ids: ['m']
    });
    expect(some.result!.cells).toHaveLength(1);
    const none = await ask('notebook/read', {
      path: 'a.ipynb',
      cell_ids: ['z']
    });
    expect(none.error).toMatchObject({
      code: 'not_found',
      data: { cell_id: 'z', cell_ids: ['a', 'm'] }
    });
  });

  it('says what it has not, and what it cannot', async () => {
    const closed = await ask('notebook/read', { path: 'other.ipynb' });
    expect(closed.error!.code).toBe('not_open');
    expect((await ask('notebook/fly', {})).error!.code).toBe('unknown_method');
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect((await ask('tool/call', { name: 'bad' })).error).toMatchObject({
      code: 'failed',
      message: 'it broke'
    });
    expect((await ask('tool/call', { name: 'good' })).result).toEqual({
      content: 'done'
    });
  });

  it('does not send what is too large for a frame', async () => {
    shared.getCell(1).setSource('x'.repeat(12_000_001));
    const { error } = await ask('notebook/read', { path: 'a.ipynb' });
    expect(error!.code).toBe('too_large');
  });

  it('changes nothing that is read-only', async () => {
    panel.content.model.readOnly = true;
    const operations = [{ op: 'set_source', cell_id: 'a', source: 'n' }];
    const { error } = await ask('notebook/apply', {
      path: 'a.ipynb',
      operations
    });
    expect(error!.code).toBe('read_only');
    panel.content.model.readOnly = false;
    panel.context.contentsModel = { writable: false };
    expect(
      (await ask('notebook/apply', { path: 'a.ipynb', operations })).error!.code
    ).toBe('read_only');
    expect(shared.getCell(0).getSource()).toBe('x = 1');
    panel.context.contentsModel = { writable: true };
    const { result } = await ask('notebook/apply', {
      path: 'a.ipynb',
      operations
    });
    expect(result!.results).toHaveLength(1);
    expect(shared.getCell(0).getSource()).toBe('n');
  });

  it('writes a file where it has what is expected', async () => {
    const { error } = await ask('file/apply', {
      path: 'a.py',
      text: 'two\n',
      expect: 'other'
    });
    expect(error).toMatchObject({ code: 'conflict', data: { text: 'one\n' } });
    const { result } = await ask('file/apply', {
      path: 'a.py',
      text: 'two\n',
      expect: 'one\n'
    });
    expect(result).toEqual({ before: 'one\n' });
    expect((await ask('file/read', { path: 'a.py' })).result).toEqual({
      text: 'two\n',
      dirty: true
    });
    file.undo();
    expect(file.getSource()).toBe('one\n');
  });

  it('does not leave a cell running when its kernel has nothing to do', async () => {
    const running = { path: 'a.ipynb', cell_id: 'a', state: 'running' };
    await ask('notebook/execution', running);
    expect(models[0]!.executionState).toBe('running');
    kernel.status = 'busy';
    bridge.settle();
    expect(models[0]!.executionState).toBe('running');
    kernel.status = 'idle';
    bridge.settle();
    expect(models[0]!.executionState).toBe('idle');
    const markdown = await ask('notebook/execution', {
      ...running,
      cell_id: 'm'
    });
    expect(markdown.error!.code).toBe('not_found');
  });

  it('gives no answer that nobody waits for', async () => {
    const answer = bridge.answer({
      type: 'request',
      id: 'gone',
      method: 'tool/call',
      params: { name: 'good' }
    });
    expect(await bridge.answer({ type: 'cancel', id: 'gone' })).toBeNull();
    expect(await answer).toBeNull();
    expect(await bridge.answer({ type: 'offered' })).toBeNull();
  });
});
