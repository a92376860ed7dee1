/** Lets many drawings happen a few at a time, so that the page answers in between. */

/** Milliseconds of drawing before the page gets its turn. */
const BUDGET = 12;

/** Milliseconds after which the others do not wait for one that is slow: it may load something first. */
const PATIENCE = 60;

export type DrawTask = () => Promise<void>;

export class DrawQueue {
  constructor(
    options: {
      now?: () => number;
      /** Resolves when the page had its turn. */
      breathe?: () => Promise<void>;
    } = {}
  ) {
    this._now = options.now ?? (() => performance.now());
    this._breathe =
      options.breathe ?? (() => new Promise(resolve => setTimeout(resolve, 0)));
  }

  /**
   * Draws it soon. What was asked for last is drawn first: a conversation is read from its end.
   *
   * @returns takes it back, where it has not begun.
   */
  add(task: DrawTask): () => void {
    this._waiting.push(task);
    if (!this._running) {
      void this._run();
    }
    return () => {
      this._waiting = this._waiting.filter(other => other !== task);
    };
  }

  private async _run(): Promise<void> {
    this._running = true;
    // What is asked for in the same go is put in order first.
    await Promise.resolve();
    let began = this._now();
    for (;;) {
      const task = this._waiting.pop();
      if (!task) {
        break;
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([
        task().catch((error: unknown) =>
          console.error('jupyterlab-agent: something was not drawn', error)
        ),
        new Promise(resolve => {
          timer = setTimeout(resolve, PATIENCE);
        })
      ]);
      clearTimeout(timer);
      if (this._now() - began >= BUDGET) {
        await this._breathe();
        began = this._now();
      }
    }
    this._running = false;
  }

  private _breathe: () => Promise<void>;
  private _now: () => number;
  private _running = false;
  private _waiting: DrawTask[] = [];
}
