import { describe, expect, it } from 'vitest';
import type { IContextRef } from '../../tokens';
import { DraftModel, refKey, type IDrafts, type IPicture } from '../draft';

const cell = (cellId: string): IContextRef => ({
  source: 'cell',
  kind: 'cell',
  name: `Cell ${cellId}`,
  path: 'work.ipynb',
  cellId
});

const picture = (key: string, blobId: string | null): IPicture => ({
  key,
  name: `${key}.png`,
  mediaType: 'image/png',
  size: 10,
  state: blobId ? 'ready' : 'uploading',
  blobId,
  error: null
});

/** A draft whose tab is reloaded by `reload`. */
function tab(): {
  draft: DraftModel;
  kept: () => IDrafts;
  reload: () => DraftModel;
} {
  let kept: IDrafts = {};
  const make = () =>
    new DraftModel({
      kept: JSON.parse(JSON.stringify(kept)) as IDrafts,
      save: drafts => {
        kept = drafts;
      }
    });
  return { draft: make(), kept: () => kept, reload: make };
}

describe('DraftModel', () => {
  it('attaches one thing once, whatever it is called', () => {
    const draft = new DraftModel();
    draft.attach(cell('a'));
    draft.attach({ ...cell('a'), name: 'another name' });
    draft.attach(cell('b'));
    expect(draft.refs.map(ref => ref.cellId)).toEqual(['a', 'b']);
    draft.detach({ ...cell('a'), name: 'whatever' });
    expect(draft.refs.map(ref => ref.cellId)).toEqual(['b']);
  });

  it('tells texts without a place apart by their names', () => {
    const text = (name: string): IContextRef => ({
      source: 's',
      kind: 'text',
      name
    });
    expect(refKey(text('a'))).not.toBe(refKey(text('b')));
  });

  it('keeps one draft a conversation, over a reload', () => {
    const { draft, reload } = tab();
    draft.setText('new one');
    draft.open('sess_1');
    draft.setText('first');
    draft.attach(cell('a'));
    draft.addPicture(picture('here', null));
    draft.addPicture(picture('there', 'blob_1'));
    draft.open('sess_2');
    expect(draft.text).toBe('');
    const again = reload();
    expect(again.text).toBe('new one');
    again.open('sess_1');
    expect(again.text).toBe('first');
    expect(again.refs).toEqual([cell('a')]);
    // What was not uploaded is only in the page that is gone.
    expect(again.pictures.map(one => one.key)).toEqual(['there']);
  });

  it('goes with the conversation that its first message makes', () => {
    const { draft, kept } = tab();
    draft.setText('typed while it was made');
    draft.adopt('sess_1');
    expect(draft.text).toBe('typed while it was made');
    draft.open(null);
    expect(draft.text).toBe('');
    expect(Object.keys(kept())).toEqual(['sess_1']);
  });

  it('changes a picture in the draft it belongs to, and none that is gone', () => {
    const draft = new DraftModel();
    draft.open('sess_1');
    draft.addPicture(picture('a', null));
    draft.addPicture(picture('b', null));
    draft.open('sess_2');
    draft.changePicture('a', { state: 'ready', blobId: 'blob_1' });
    expect(draft.pictures).toEqual([]);
    draft.open('sess_1');
    expect(draft.pictures[0]).toMatchObject({ key: 'a', blobId: 'blob_1' });
    draft.removePicture('b');
    draft.changePicture('b', { state: 'ready', blobId: 'blob_2' });
    expect(draft.pictures.map(one => one.key)).toEqual(['a']);
  });

  it('marks what cannot be read until it is taken away', () => {
    const draft = new DraftModel();
    draft.attach(cell('a'));
    const before = draft.problems;
    draft.setProblem(cell('a'), 'It was deleted.');
    expect(draft.problems).not.toBe(before);
    expect(draft.problems.get(refKey(cell('a')))).toBe('It was deleted.');
    draft.detach(cell('a'));
    expect(draft.problems.size).toBe(0);
  });

  it('gives back what was taken, with what was attached, where nothing else is written', () => {
    const draft = new DraftModel();
    draft.setText(' Why? ');
    draft.attach(cell('a'));
    draft.take();
    expect(draft.refs).toEqual([]);
    draft.setText('something else');
    draft.giveBack('Why?');
    expect(draft.text).toBe('something else');
    draft.setText('');
    draft.giveBack('Why?');
    expect(draft.text).toBe(' Why? ');
    expect(draft.refs).toEqual([cell('a')]);
    draft.take();
    draft.giveBack('Another message');
    expect(draft.current).toEqual({
      text: 'Another message',
      refs: [],
      pictures: []
    });
  });

  it('recalls what was sent, as a shell does', () => {
    const draft = new DraftModel();
    const history = ['one', 'two'];
    expect(draft.recall(history, false)).toBe(false);
    expect(draft.recall(history, true)).toBe(true);
    expect(draft.text).toBe('two');
    expect(draft.recall(history, true)).toBe(true);
    expect(draft.text).toBe('one');
    expect(draft.recall(history, true)).toBe(false);
    expect(draft.recall(history, false)).toBe(true);
    expect(draft.text).toBe('two');
    expect(draft.recall(history, false)).toBe(true);
    expect(draft.text).toBe('');
    draft.recall(history, true);
    // Who changes it has made it theirs: the arrow keys move the cursor again.
    draft.setText('two and more');
    expect(draft.recall(history, true)).toBe(false);
    expect(draft.text).toBe('two and more');
    expect(new DraftModel().recall([], true)).toBe(false);
  });

  it('keeps the drafts of the fifty conversations that were written in last', () => {
    const { draft, kept } = tab();
    for (let number = 0; number < 60; number++) {
      draft.open(`sess_${number}`);
      draft.setText('x');
    }
    draft.open('sess_10');
    draft.setText('y');
    expect(Object.keys(kept())).toHaveLength(50);
    expect(kept()['sess_10']!.text).toBe('y');
    expect(kept()['sess_0']).toBeUndefined();
  });
});
