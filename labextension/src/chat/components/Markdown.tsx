import type { IRenderMime } from '@jupyterlab/rendermime';
import { MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import React, {
  memo,
  useContext,
  useLayoutEffect,
  useRef,
  useState
} from 'react';
import type { IChatContext } from '../context';
import { useChat } from '../context';
import type { DrawQueue } from '../drawing';
import { growingEnd, isPlain, plainTail } from '../growing';
import { BlockSplitter, formulas, joined, unfinished } from '../markdown';
import { parserLoaded } from '../parser';
import type { ICodeAction } from '../../tokens';
import { NearContext } from './near';

const MIME = 'text/markdown';

/**
 * The unfinished end is drawn again after at least this many times what drawing it took, and after so many milliseconds
 * at the most (the first drawing also waits for the parser to be loaded).
 */
const REST = { times: 3, most: 300 };

/** The same where all that is new stands there already, and only its colours are missing. */
const REST_OF_CODE = { times: 10, most: 1000 };

/**
 * Draws one block again whenever its source changes, the old one standing until the new one is ready; before the first
 * one the source itself stands there. The host's `data-renders` counts how often it was drawn.
 */
class BlockView {
  constructor(
    private _host: HTMLElement,
    private _context: IChatContext,
    private _queue: DrawQueue
  ) {}

  /** Shows the source as it is. */
  show(source: string): void {
    if (this._renders === 0) {
      this._plain ??= this._host.appendChild(document.createElement('div'));
      this._plain.className = 'jp-agent-Markdown-source';
      this._plain.textContent = source;
    }
  }

  /**
   * Draws this source, soon; of several only the last.
   *
   * @param patient - others may be drawn before.
   * @param growing - more is to come, so that drawing it can wait.
   */
  draw(source: string, patient: boolean, growing: boolean): void {
    this._wanted = source;
    this._due = this._when(growing, this._grow(source));
    if (this._busy) {
      this._nudge?.();
      return;
    }
    this._busy = true;
    this._host.setAttribute('aria-busy', 'true');
    if (patient && this._renders === 0) {
      this._unqueue = this._queue.add(() => this._run());
    } else {
      void this._run();
    }
  }

  /** To be called while the host is in the document: a widget cannot be taken out of what is gone. */
  dispose(): void {
    this._disposed = true;
    this._nudge?.();
    this._unqueue?.();
    this._shown?.dispose();
    this._shown = null;
    this._next?.dispose();
    this._next = null;
  }

  private async _run(): Promise<void> {
    while (this._wanted !== null && !this._disposed) {
      const wait = this._due - performance.now();
      if (wait > 0) {
        await new Promise<void>(resolve => {
          this._nudge = resolve;
          if (wait < Infinity) {
            setTimeout(resolve, wait);
          }
        });
        this._nudge = null;
        continue;
      }
      const source = this._wanted;
      this._wanted = null;
      if (this._renders === 0 || source !== this._drawn) {
        this._began = performance.now();
        await this._render(source);
        this._ended = performance.now();
      }
    }
    this._busy = false;
    this._host.removeAttribute('aria-busy');
  }

  /** When it is to be drawn again: what is cheap with every frame, what is not more rarely. */
  private _when(growing: boolean, shown: boolean): number {
    const after = ({ times, most }: typeof REST) =>
      this._ended + Math.min(most, (this._ended - this._began) * times);
    if (!growing || this._renders === 0) {
      return 0;
    }
    if (!shown) {
      return after(REST);
    }
    // Words look the same drawn; of code the colours are missing.
    return this._tail?.parentElement?.tagName === 'CODE'
      ? after(REST_OF_CODE)
      : Infinity;
  }

  private async _render(source: string): Promise<void> {
    const { rendermime } = this._context;
    const renderer: IRenderMime.IRenderer = rendermime.createRenderer(MIME);
    // Formulas are set while it is attached; it is attached where nobody sees it yet.
    const stage = document.createElement('div');
    stage.className = 'jp-agent-Markdown-stage';
    this._host.appendChild(stage);
    Widget.attach(renderer, stage);
    this._next = renderer;
    try {
      await parserLoaded(rendermime);
      await renderer.renderModel(
        new MimeModel({ data: { [MIME]: source }, trusted: false })
      );
    } catch (error) {
      console.error('jupyterlab-agent: markdown was not drawn', error);
      renderer.node.textContent = source;
    }
    if (this._disposed) {
      return;
    }
    decorate(renderer.node, this._context);
    const before = this._shown;
    this._shown = renderer;
    this._next = null;
    this._host.insertBefore(renderer.node, this._host.firstChild);
    stage.remove();
    before?.dispose();
    this._plain?.remove();
    this._plain = null;
    this._drawn = source;
    this._tail = null;
    if (this._wanted !== null) {
      // What came while it was drawn was to be seen already.
      this._grow(this._wanted);
    }
    this._renders += 1;
    this._host.dataset.renders = String(this._renders);
  }

  /** Lets what follows the last drawing stand at its end, as it is written. Gives whether that is all there is. */
  private _grow(source: string): boolean {
    if (!this._shown) {
      return false;
    }
    const text = plainTail(this._drawn, source);
    if (!this._tail) {
      const end = text ? growingEnd(this._shown.node) : null;
      if (!end) {
        return source === this._drawn;
      }
      this._tail = end.appendChild(document.createTextNode(''));
    }
    if (text.length > this._tail.length) {
      this._tail.data = text;
    }
    return this._drawn.length + text.length === source.length;
  }

  private _began = 0;
  private _busy = false;
  private _disposed = false;
  private _drawn = '';
  private _due = 0;
  private _ended = 0;
  private _next: IRenderMime.IRenderer | null = null;
  private _nudge: (() => void) | null = null;
  private _plain: HTMLElement | null = null;
  private _renders = 0;
  private _shown: IRenderMime.IRenderer | null = null;
  private _tail: Text | null = null;
  private _unqueue: (() => void) | null = null;
  private _wanted: string | null = null;
}

/** Adds a button to the bar of a block of code. Gives what asks again whether it can be pressed. */
function addAction(
  bar: HTMLElement,
  action: ICodeAction,
  context: IChatContext,
  code: HTMLElement,
  language: string | null
): () => void {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'jp-agent-iconButton';
  button.title = action.label;
  button.dataset.action = action.id;
  button.setAttribute('aria-label', action.label);
  action.icon.element({ container: button, tag: 'span' });
  const isEnabled = () => action.isEnabled?.() ?? true;
  // Not `disabled`: who is on it with the keyboard would be thrown out.
  const ask = () => {
    const enabled = isEnabled();
    const reason = enabled ? '' : (action.disabledReason?.() ?? '');
    const says = reason
      ? context.trans.__('%1 (%2)', action.label, reason)
      : action.label;
    button.setAttribute('aria-disabled', String(!enabled));
    button.setAttribute('aria-label', says);
    button.title = says;
  };
  button.addEventListener('click', () => {
    ask();
    if (!isEnabled()) {
      return;
    }
    const run = async () => action.execute(code.textContent ?? '', language);
    run().then(
      () => {
        button.dataset.done = 'true';
        setTimeout(() => delete button.dataset.done, 1500);
      },
      (error: unknown) => context.controller.report(error)
    );
  });
  bar.appendChild(button);
  return ask;
}

/** Gives every block of code a bar with its language and what can be done with it. */
function decorate(node: HTMLElement, context: IChatContext): void {
  for (const pre of Array.from(node.querySelectorAll('pre'))) {
    const code = pre.querySelector('code');
    if (!code || !pre.parentElement) {
      continue;
    }
    const language = /(?:^|\s)language-(\S+)/.exec(code.className)?.[1] ?? null;
    const frame = document.createElement('div');
    frame.className = 'jp-agent-Code';
    const bar = document.createElement('div');
    bar.className = 'jp-agent-Code-bar';
    const name = document.createElement('span');
    name.className = 'jp-agent-Code-language';
    name.textContent = language ?? '';
    bar.appendChild(name);
    const enable = context
      .codeActions()
      .map(action => addAction(bar, action, context, code, language));
    // Asked when somebody turns to it: until then anything may happen elsewhere.
    const turned = () => enable.forEach(ask => ask());
    frame.addEventListener('pointerenter', turned);
    frame.addEventListener('focusin', turned);
    pre.parentElement.insertBefore(frame, pre);
    frame.append(bar, pre);
    pre.tabIndex = 0;
  }
}

const MarkdownBlock = memo(function MarkdownBlock(props: {
  source: string;
  /** Nobody sees it yet: it is drawn when it comes near. */
  far: boolean;
  /** Others may be drawn before it. */
  patient: boolean;
  growing: boolean;
}): JSX.Element {
  const context = useChat();
  const { queue } = useContext(NearContext);
  const { source, far, patient, growing } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<BlockView | null>(null);
  // A layout effect: its end comes before the host leaves the document.
  useLayoutEffect(() => {
    const created = new BlockView(host.current!, context, queue);
    view.current = created;
    return () => created.dispose();
  }, [context, queue]);
  useLayoutEffect(() => {
    // The first words are not to wait for the parser.
    if (far || patient || (growing && isPlain(source))) {
      view.current!.show(source);
    }
    if (!far) {
      view.current!.draw(source, patient, growing);
    }
  }, [source, far, patient, growing, context, queue]);
  return <div className="jp-agent-Markdown-block" ref={host} />;
});

/** Markdown that may still grow: what is finished is drawn once. */
export const Markdown = memo(function Markdown(props: {
  text: string;
  growing: boolean;
  far?: boolean;
}): JSX.Element {
  const { text, growing, far } = props;
  const [splitter] = useState(() => new BlockSplitter());
  const [grew] = useState(growing);
  const blocks = splitter.split(text, !growing);
  return (
    <div className="jp-agent-Markdown">
      {(grew ? blocks : joined(blocks)).map(block => (
        <MarkdownBlock
          key={block.start}
          // Space at its end shows nothing; it would only be drawn again for it.
          source={formulas(
            block.done ? block.source : unfinished(block.source)
          ).trimEnd()}
          far={far ?? false}
          patient={!grew}
          growing={!block.done}
        />
      ))}
    </div>
  );
});
