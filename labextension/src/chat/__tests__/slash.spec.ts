import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it, vi } from 'vitest';
import type { ISession } from '../../api/types';
import type { ISlashCommand } from '../../tokens';
import type { IExchange } from '../model';
import { matching, merge, ownCommands, parse, type ISlashHost } from '../slash';
import { shellLine } from '../wording';

const trans = nullTranslator.load('jupyterlab_agent');

function host(change: Partial<ISlashHost> = {}): ISlashHost {
  const done = () => vi.fn(() => Promise.resolve());
  return {
    session: () => ({ id: 'sess_1' }) as ISession,
    last: () => ({ turnId: 'turn_1' }) as IExchange,
    running: () => false,
    newChat: vi.fn(),
    clear: done(),
    summarize: done(),
    export: done(),
    model: done(),
    mode: done(),
    retry: done(),
    rename: done(),
    archive: done(),
    remove: done(),
    stop: done(),
    providers: vi.fn(),
    help: vi.fn(),
    ...change
  };
}

const named = (commands: readonly ISlashCommand[], name: string) =>
  commands.find(command => command.name === name)!;

describe('what is written', () => {
  it.each([
    ['/new', 'new', ''],
    ['/Model  gpt 5 ', 'model', 'gpt 5'],
    ['/summarize the\nnumbers', 'summarize', 'the\nnumbers'],
    ['/no-such-thing', 'no-such-thing', '']
  ])('%j is a command', (text, name, args) => {
    expect(parse(text)).toEqual({ kind: 'command', name, args });
  });

  it.each([
    ['Hello /new', 'Hello /new'],
    [' /new', '/new'],
    ['//new is a command', '/new is a command'],
    ['/etc/hosts', '/etc/hosts'],
    ['/ 2', '/ 2'],
    ['/2', '/2'],
    [' text ', 'text'],
    ['', '']
  ])('%j is text', (written, text) => {
    expect(parse(written)).toEqual({ kind: 'text', text });
  });
});

describe('the commands', () => {
  it('are found by name, then by what they do', () => {
    const commands = ownCommands(host(), trans);
    const names = (query: string) =>
      matching(commands, query).map(command => command.name);
    expect(names('re')[0]).toBe('rename');
    expect(names('del')[0]).toBe('delete');
    expect(names('download')).toEqual(['export']);
    expect(names('zzz')).toEqual([]);
    expect(names('')).toHaveLength(commands.length);
  });

  it('that cannot be done now stand at the end', () => {
    const commands = ownCommands(host({ session: () => null }), trans);
    const names = matching(commands, '').map(command => command.name);
    expect(names.slice(0, 5)).toEqual(['help', 'key', 'mode', 'model', 'new']);
    expect(named(commands, 'clear').isEnabled?.()).toBe(false);
  });

  it('leave a running turn alone', () => {
    const commands = ownCommands(host({ running: () => true }), trans);
    const enabled = (name: string) => named(commands, name).isEnabled?.();
    expect(['clear', 'retry', 'summarize'].map(enabled)).toEqual([
      false,
      false,
      false
    ]);
    expect(enabled('stop')).toBe(true);
  });

  it('take those of others, the later for the earlier', () => {
    const other: ISlashCommand = { name: 'new', label: 'x', execute: vi.fn() };
    const merged = merge(ownCommands(host(), trans), [other]);
    expect(merged.filter(command => command.name === 'new')).toEqual([other]);
  });

  it('hand their arguments on, and refuse what they do not know', async () => {
    const on = host();
    const commands = ownCommands(on, trans);
    await named(commands, 'export').execute('');
    await named(commands, 'export').execute('IPYNB');
    expect(vi.mocked(on.export).mock.calls).toEqual([['md'], ['ipynb']]);
    await expect(named(commands, 'export').execute('pdf')).rejects.toThrow(
      /pdf.*md, json and ipynb/
    );
    expect(on.export).toHaveBeenCalledTimes(2);
    await named(commands, 'rename').execute('Sales');
    expect(on.rename).toHaveBeenCalledWith('Sales');
    await named(commands, 'retry').execute('');
    expect(on.retry).toHaveBeenCalledWith({ turnId: 'turn_1' });
  });
});

describe('what a next action says to run', () => {
  it.each([
    [
      "Run: pip install 'jupyterlab-agent[local]'",
      "pip install 'jupyterlab-agent[local]'"
    ],
    [
      'Run: jupyter agent model. Or give a provider its key.',
      'jupyter agent model'
    ],
    ['Run: pip install "x[y]", then restart the server.', 'pip install "x[y]"'],
    ['Mend the storage first.', null]
  ])('%j', (next, line) => {
    expect(shellLine(next)).toBe(line);
  });
});
