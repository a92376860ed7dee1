/**
 * What is being written and is not sent yet: one draft a conversation, kept in this browser tab over a reload.
 *
 * Pure: no network, no DOM, no Jupyter.
 */
import { Signal, type ISignal } from '@lumino/signaling';
import type { IImagePart } from '../api/types';
import type { IContextRef } from '../tokens';

/** A picture that goes with the next message. Its bytes are on the server as soon as it is `ready`. */
export interface IPicture {
  key: string;
  name: string;
  mediaType: IImagePart['media_type'];
  /** Bytes. */
  size: number;
  state: 'preparing' | 'uploading' | 'ready' | 'failed';
  blobId: string | null;
  /** Why it could not be uploaded. */
  error: string | null;
}

/** What is written for one conversation. */
export interface IDraft {
  text: string;
  refs: readonly IContextRef[];
  pictures: readonly IPicture[];
}

export type IDrafts = Record<string, IDraft>;

export const MAX_PICTURES = 3;

const EMPTY: IDraft = { text: '', refs: [], pictures: [] };

/** Drafts of this many conversations are kept; of more, those written last. */
const KEPT = 50;

/** Under which the draft of a conversation that does not exist yet is kept. */
const NEW = '';

/** What makes two references the same thing. */
export function refKey(ref: IContextRef): string {
  return JSON.stringify([
    ref.source,
    ref.kind,
    ref.path ?? '',
    ref.cellId ?? '',
    ref.data ?? null,
    ref.path || ref.cellId || ref.data ? '' : ref.name
  ]);
}

export function isEmptyDraft(draft: IDraft): boolean {
  return (
    draft.text === '' && draft.refs.length === 0 && draft.pictures.length === 0
  );
}

/** What is being written and is not sent yet. */
export class DraftModel {
  /**
   * @param options.kept - what `save` was given before the reload.
   * @param options.save - keeps it over the next one.
   */
  constructor(
    options: {
      kept?: IDrafts | undefined;
      save?: (drafts: IDrafts) => void;
    } = {}
  ) {
    this._drafts = new Map(Object.entries(options.kept ?? {}));
    this._save = options.save;
  }

  /** Of which conversation it is; empty for one that does not exist yet. */
  get key(): string {
    return this._key;
  }

  get text(): string {
    return this.current.text;
  }

  get refs(): readonly IContextRef[] {
    return this.current.refs;
  }

  get pictures(): readonly IPicture[] {
    return this.current.pictures;
  }

  /** All of it, as it is now; never changed in place. */
  get current(): IDraft {
    return this._drafts.get(this._key) ?? EMPTY;
  }

  /** Why something attached could not be read when it was to be sent, by `refKey`. */
  get problems(): ReadonlyMap<string, string> {
    return this._problems;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether something is written for this conversation. */
  has(conversation: string): boolean {
    return this._drafts.has(conversation);
  }

  setText(text: string): void {
    if (text !== this.text) {
      this._recalled = null;
      this._put({ ...this.current, text });
    }
  }

  /** Adds it, once. */
  attach(ref: IContextRef): void {
    const key = refKey(ref);
    if (!this.refs.some(other => refKey(other) === key)) {
      this._put({ ...this.current, refs: [...this.refs, ref] });
    }
  }

  detach(ref: IContextRef): void {
    const key = refKey(ref);
    this._withProblem(key, null);
    this._put({
      ...this.current,
      refs: this.refs.filter(other => refKey(other) !== key)
    });
  }

  /** Marks something attached with why it cannot be sent; null takes the mark away. */
  setProblem(ref: IContextRef, reason: string | null): void {
    this._withProblem(refKey(ref), reason);
    this._changed.emit();
  }

  addPicture(picture: IPicture): void {
    this._put({ ...this.current, pictures: [...this.pictures, picture] });
  }

  /** Changes a picture, in whichever conversation's draft it is by now; one that was taken away stays away. */
  changePicture(key: string, change: Partial<IPicture>): void {
    for (const [owner, draft] of [...this._drafts]) {
      if (draft.pictures.some(picture => picture.key === key)) {
        this._put(
          {
            ...draft,
            pictures: draft.pictures.map(picture =>
              picture.key === key ? { ...picture, ...change } : picture
            )
          },
          owner
        );
      }
    }
  }

  removePicture(key: string): void {
    this._put({
      ...this.current,
      pictures: this.pictures.filter(picture => picture.key !== key)
    });
  }

  /** Turns to the draft of a conversation; null is one that does not exist yet. */
  open(conversation: string | null): void {
    const key = conversation ?? NEW;
    if (key !== this._key) {
      this._key = key;
      this._recalled = null;
      this._problems = new Map();
      this._changed.emit();
    }
  }

  /** What is open belongs to this conversation from now on; where nothing is written, what was kept for it comes. */
  adopt(conversation: string | null): void {
    const draft = this.current;
    const key = conversation ?? NEW;
    if (key === this._key) {
      return;
    }
    this._drafts.delete(this._key);
    this._key = key;
    if (!isEmptyDraft(draft)) {
      this._drafts.set(key, draft);
    }
    this._keep();
    this._changed.emit();
  }

  /** Empties the box: what was in it is on its way. */
  take(): void {
    this._taken = this.current;
    this._recalled = null;
    this._problems = new Map();
    this._put(EMPTY);
  }

  /**
   * Puts a message that could not be sent back into the box, with what was attached to it. Does nothing where something
   * is being written.
   */
  giveBack(text: string): void {
    if (isEmptyDraft(this.current)) {
      this._put(
        this._taken?.text.trim() === text ? this._taken : { ...EMPTY, text }
      );
    }
  }

  /**
   * Goes through what was sent before, as a shell does: only where the box is empty or has what was recalled.
   *
   * @param history - the messages, the oldest first.
   * @param older - the direction.
   * @returns whether the box changed.
   */
  recall(history: readonly string[], older: boolean): boolean {
    const shown = this._recalled;
    if (shown === null ? !older || this.text !== '' : false) {
      return false;
    }
    const at = (shown ?? history.length) + (older ? -1 : 1);
    if (at < 0 || at > history.length) {
      return false;
    }
    this._put({ ...this.current, text: history[at] ?? '' });
    this._recalled = at < history.length ? at : null;
    return true;
  }

  private _withProblem(key: string, reason: string | null): void {
    if (reason === null) {
      this._problems.delete(key);
    } else {
      this._problems.set(key, reason);
    }
    this._problems = new Map(this._problems);
  }

  private _put(draft: IDraft, key = this._key): void {
    // What was written last stands last.
    this._drafts.delete(key);
    if (!isEmptyDraft(draft)) {
      this._drafts.set(key, draft);
    }
    this._keep();
    this._changed.emit();
  }

  private _keep(): void {
    this._save?.(
      Object.fromEntries(
        [...this._drafts].slice(-KEPT).map(([key, draft]) => [
          key,
          // A picture whose bytes are only in this page does not outlive it.
          {
            ...draft,
            pictures: draft.pictures.filter(picture => picture.blobId !== null)
          }
        ])
      )
    );
  }

  private _changed = new Signal<this, void>(this);
  private _drafts: Map<string, IDraft>;
  private _key = NEW;
  private _problems = new Map<string, string>();
  /** Place in the history of what the box shows of it. */
  private _recalled: number | null = null;
  private _save: ((drafts: IDrafts) => void) | undefined;
  private _taken: IDraft | null = null;
}
