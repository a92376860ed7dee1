/**
 * Commands to the kernel, and what became of them. A command that the kernel does not take at once waits behind a
 * running cell, or for ever: the person is told.
 */
import type { FromKernel } from './wire';

export const BUSY_MS = 700;

export type CommandState = 'sent' | 'waiting' | 'taken';

interface IOpenCommand {
  state: CommandState;
  timer: ReturnType<typeof setTimeout> | undefined;
  done: (outcome: IOutcome) => void;
}

export interface IOutcome {
  ok: boolean;
  /** A note, or what went wrong. */
  message: string;
}

export class Commands<Command extends { type: string }> {
  constructor(
    private _send: (command: Command & { id: string }) => void,
    private _changed: () => void,
    private _newId: () => string = () => `${Date.now()}-${Math.random()}`
  ) {}

  /** A command waits for the kernel, which is busy or gone. */
  get waiting(): boolean {
    return [...this._open.values()].some(open => open.state === 'waiting');
  }

  /** A command is on its way or being done. */
  get busy(): boolean {
    return this._open.size > 0;
  }

  run(command: Command): Promise<IOutcome> {
    const id = this._newId();
    return new Promise(done => {
      const open: IOpenCommand = { state: 'sent', timer: undefined, done };
      open.timer = setTimeout(() => {
        if (open.state === 'sent') {
          open.state = 'waiting';
          this._changed();
        }
      }, BUSY_MS);
      this._open.set(id, open);
      this._changed();
      this._send({ ...command, id });
    });
  }

  /** Takes what the kernel says; messages of other views' commands are not for this one. */
  take(message: FromKernel): void {
    if (message.type === 'delta' || message.type === 'contents') {
      return;
    }
    const open = this._open.get(message.id);
    if (!open) {
      return;
    }
    clearTimeout(open.timer);
    if (message.type === 'ack') {
      open.state = 'taken';
    } else {
      this._open.delete(message.id);
      open.done(
        message.type === 'done'
          ? { ok: true, message: message.note }
          : { ok: false, message: message.message }
      );
    }
    this._changed();
  }

  dispose(): void {
    for (const open of this._open.values()) {
      clearTimeout(open.timer);
    }
    this._open.clear();
  }

  private _open = new Map<string, IOpenCommand>();
}
