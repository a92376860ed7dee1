import type { IRenderMime } from '@jupyterlab/rendermime';
import { MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import React, { memo, useLayoutEffect, useRef, useState } from 'react';
import type { IChatContext } from '../context';
import { useChat } from '../context';
import { BlockSplitter } from '../markdown';

const MIME = 'text/markdown';

/** The unfinished end is drawn again after at least this many times what drawing it took. */
const REST = 3;

/** Milliseconds; the first drawing also waits for the parser to be loaded. */
const LONGEST_REST = 300;

/** Draws one block again whenever its source changes, the old one standing until the new one is ready. */
class BlockView {
  constructor(
    private _host: HTMLElement,
    private _context: IChatContext
  ) {}

  /** Draws this source, soon; of several only the last. */
  draw(source: string): void {
    this._wanted = source;
    if (!this._busy) {
      void this._run();
    }
  }

  /** To be called while the host is in the document: a widget cannot be taken out of what is gone. */
  dispose(): void {
    this._disposed = true;
    this._shown?.dispose();
    this._shown = null;
    this._next?.dispose();
    this._next = null;
  }

  private async _run(): Promise<void> {
    this._busy = true;
    this._host.setAttribute('aria-busy', 'true');
    while (this._wanted !== null && !this._disposed) {
      // What is cheap to draw is drawn with every frame, what is not more rarely.
      const wait = this._notBefore - performance.now();
      if (wait > 0) {
        await new Promise(resolve => setTimeout(resolve, wait));
      }
      const source = this._wanted;
      this._wanted = null;
      const began = performance.now();
      await this._render(source);
      const now = performance.now();
      this._notBefore = now + Math.min(LONGEST_REST, (now - began) * REST);
    }
    this._busy = false;
    this._host.removeAttribute('aria-busy');
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
  }

  private _busy = false;
  private _disposed = false;
  private _next: IRenderMime.IRenderer | null = null;
  private _notBefore = 0;
  private _shown: IRenderMime.IRenderer | null = null;
  private _wanted: string | null = null;
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
    for (const action of context.codeActions()) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'jp-agent-iconButton';
      button.title = action.label;
      button.setAttribute('aria-label', action.label);
      action.icon.element({ container: button, tag: 'span' });
      button.addEventListener('click', () => {
        void action.execute(code.textContent ?? '', language);
        button.dataset.done = 'true';
        setTimeout(() => delete button.dataset.done, 1500);
      });
      bar.appendChild(button);
    }
    pre.parentElement.insertBefore(frame, pre);
    frame.append(bar, pre);
    pre.tabIndex = 0;
  }
}

const MarkdownBlock = memo(function MarkdownBlock(props: {
  source: string;
}): JSX.Element {
  const context = useChat();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<BlockView | null>(null);
  // A layout effect: its end comes before the host leaves the document.
  useLayoutEffect(() => {
    const created = new BlockView(host.current!, context);
    view.current = created;
    return () => created.dispose();
  }, [context]);
  useLayoutEffect(() => {
    view.current!.draw(props.source);
  }, [props.source, context]);
  return <div className="jp-agent-Markdown-block" ref={host} />;
});

/** Markdown that may still grow: what is finished is drawn once. */
export function Markdown(props: {
  text: string;
  growing: boolean;
}): JSX.Element {
  const [splitter] = useState(() => new BlockSplitter());
  return (
    <div className="jp-agent-Markdown">
      {splitter.split(props.text, !props.growing).map(block => (
        <MarkdownBlock key={block.start} source={block.source} />
      ))}
    </div>
  );
}
