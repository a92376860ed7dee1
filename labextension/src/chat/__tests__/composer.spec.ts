import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { describe, expect, it, vi } from 'vitest';
import type { AgentClient } from '../../api/client';
import type { IModel, InputPart, ISession } from '../../api/types';
import type { IContextRef, IContextSource, ISlashCommand } from '../../tokens';
import { ComposerModel, modelsNamed } from '../composer';
import type { ChatController } from '../controller';
import { DraftModel, refKey } from '../draft';

const trans = nullTranslator.load('jupyterlab_agent');
const ref: IContextRef = {
  source: 'file',
  kind: 'file',
  name: 'a.csv',
  path: 'a.csv'
};

function setUp(read: IContextSource['read'], added: ISlashCommand[] = []) {
  const draft = new DraftModel();
  const sent: [string, InputPart[]][] = [];
  const controller = {
    draft,
    running: null as object | null,
    state: {
      phase: 'ready',
      models: [],
      choice: null,
      conversation: { session: null as ISession | null, exchanges: [] }
    },
    stateChanged: new Signal({}),
    send: (text: string, parts: InputPart[] = []) => {
      sent.push([text, parts]);
      return true;
    }
  };
  const source = {
    id: 'file',
    suggest: (query: string) =>
      Promise.resolve(query === 'a.csv' ? [{ ref }] : []),
    read
  } as unknown as IContextSource;
  const composer = new ComposerModel({
    client: {} as AgentClient,
    controller: controller as unknown as ChatController,
    trans,
    contextSources: () => [source],
    slashCommands: () => added,
    addKey: vi.fn()
  });
  return { composer, controller, draft, sent };
}

const part = {
  type: 'context',
  kind: 'file',
  name: 'a.csv',
  text: '1'
} as const;

describe('ComposerModel', () => {
  it('reads what is attached when the message is sent', async () => {
    const read = vi.fn(() => Promise.resolve(part));
    const { composer, draft, sent } = setUp(read);
    draft.attach(ref);
    draft.setText('Why?');
    expect(read).not.toHaveBeenCalled();
    await composer.submit();
    expect(sent).toEqual([['Why?', [part]]]);
    expect(draft.current).toEqual({ text: '', refs: [], pictures: [] });
  });

  it('sends nothing where something cannot be read, and says which', async () => {
    const { composer, draft, sent } = setUp(() =>
      Promise.reject(new Error('It is gone.'))
    );
    draft.attach(ref);
    draft.attach({ ...ref, source: 'no-such-source' });
    draft.setText('Why?');
    await composer.submit();
    expect(sent).toEqual([]);
    expect(draft.text).toBe('Why?');
    expect(draft.problems.get(refKey(ref))).toBe('It is gone.');
    expect(draft.problems.size).toBe(2);
    expect(composer.state.notice?.kind).toBe('error');
    draft.refs.forEach(one => draft.detach(one));
    await composer.submit();
    expect(sent).toEqual([['Why?', []]]);
  });

  it('says which messages it would clear where there are versions', async () => {
    const { composer, controller, draft } = setUp(vi.fn());
    const asked = async (version_count: number) => {
      controller.state.conversation.session = {
        id: 'sess_1',
        version_count
      } as ISession;
      draft.setText('/clear');
      await composer.submit();
      return composer.state.notice?.text;
    };
    expect(await asked(1)).toBe('Delete the messages of this chat for good?');
    expect(await asked(2)).toContain('The other versions keep theirs.');
  });

  it('does not send to a chat that was turned to while it read', async () => {
    let give: (value: typeof part) => void = () => undefined;
    const { composer, draft, sent } = setUp(
      () =>
        new Promise(resolve => {
          give = resolve;
        })
    );
    draft.attach(ref);
    draft.setText('Why?');
    const submitted = composer.submit();
    // A second Enter does nothing.
    await composer.submit();
    draft.open('another');
    give(part);
    await submitted;
    expect(sent).toEqual([]);
    draft.open(null);
    expect(draft.text).toBe('Why?');
  });

  it('guides with words while a turn runs; what is attached stays', async () => {
    const { composer, controller, draft, sent } = setUp(() =>
      Promise.resolve(part)
    );
    controller.running = {};
    draft.attach(ref);
    await composer.submit();
    expect(sent).toEqual([]);
    draft.setText('Shorter');
    await composer.submit();
    expect(sent).toEqual([['Shorter', []]]);
    expect(draft.text).toBe('');
    expect(draft.refs).toEqual([ref]);
    expect(composer.state.notice?.text).toMatch(/waits for the next message/);
  });

  it('runs commands, its own and those added, and gives back what failed', async () => {
    const execute = vi.fn((args: string) => {
      if (args === 'no') {
        throw new Error('It cannot.');
      }
    });
    const { composer, draft, sent } = setUp(
      () => Promise.resolve(part),
      [{ name: 'plot', label: 'Plots', execute }]
    );
    draft.setText('/plot it');
    await composer.submit();
    expect(execute).toHaveBeenCalledWith('it');
    expect(draft.text).toBe('');
    draft.setText('/plot no');
    await composer.submit();
    expect(composer.state.notice).toMatchObject({ text: 'It cannot.' });
    expect(draft.text).toBe('/plot no');
    draft.setText('/plott');
    expect(composer.state.notice).toBeNull();
    await composer.submit();
    expect(composer.state.notice?.text).toMatch(/no command \/plott/);
    expect(sent).toEqual([]);
  });

  it('attaches by path what a source knows', async () => {
    const { composer, draft } = setUp(() => Promise.resolve(part));
    await composer.attachPaths(['a.csv', 'b.bin']);
    expect(draft.refs).toEqual([ref]);
    expect(composer.state.notice?.text).toMatch(/b\.bin/);
  });

  it('knows models by name: the very one, the one of this provider, else all that fit', () => {
    const model = (provider: string, id: string, available = true) =>
      ({ provider, id, name: id, available }) as IModel;
    const models = [
      model('a', 'gpt'),
      model('b', 'gpt'),
      model('b', 'gpt-mini'),
      model('c', 'gpt-off', false)
    ];
    const ids = (wanted: string, provider?: string) =>
      modelsNamed(models, wanted, provider).map(
        one => `${one.provider}/${one.id}`
      );
    expect(ids('GPT', 'b')).toEqual(['b/gpt']);
    expect(ids('gpt', 'c')).toEqual(['a/gpt', 'b/gpt']);
    expect(ids('a/gpt')).toEqual(['a/gpt']);
    expect(ids('mini')).toEqual(['b/gpt-mini']);
    expect(ids('off')).toEqual([]);
  });
});
