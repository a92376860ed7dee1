import { Signal, type ISignal } from '@lumino/signaling';
import type { IContextRef } from '../tokens';

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

/** What is being written and is not sent yet. */
export class DraftModel {
  get refs(): readonly IContextRef[] {
    return this._refs;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Adds it, once. */
  attach(ref: IContextRef): void {
    const key = refKey(ref);
    if (!this._refs.some(other => refKey(other) === key)) {
      this._refs = [...this._refs, ref];
      this._changed.emit();
    }
  }

  detach(ref: IContextRef): void {
    const key = refKey(ref);
    this._refs = this._refs.filter(other => refKey(other) !== key);
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _refs: readonly IContextRef[] = [];
}
