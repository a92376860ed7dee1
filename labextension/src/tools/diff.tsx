import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef, useState } from 'react';

/** Pixels from which two texts have room side by side. */
const ROOM = 520;

/**
 * The difference between two texts, in one column or side by side (in one column where there is no room for two), with
 * the line numbers; long unchanged parts are folded. For the keyboard it is a text that is scrolled, with a button at
 * each fold.
 */
export function DiffView(props: {
  /** Null where there was nothing. */
  before: string | null;
  /** Null where nothing is left. */
  after: string | null;
  mode: 'inline' | 'side';
  /** Name or media type of the language; the file's name is asked where it is left out. */
  language?: string | null;
  file?: string;
  /** What it is about, for those who do not see it. */
  label?: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { before, after, language, file, label, trans } = props;
  const node = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState(false);
  const [shown, setShown] = useState<{ added: number; removed: number }>();
  const [failed, setFailed] = useState(false);
  const same = (before ?? '') === (after ?? '');
  const mode = props.mode === 'side' && wide ? 'side' : 'inline';

  useEffect(() => {
    const observer = new ResizeObserver(entries => {
      const width = entries[entries.length - 1]!.contentRect.width;
      // What is hidden for a while is as wide as it was.
      if (width > 0) {
        setWide(width >= ROOM);
      }
    });
    observer.observe(node.current!);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (same) {
      return;
    }
    let gone = false;
    let dispose: (() => void) | null = null;
    const draw = async () => {
      const { drawDiff } = await import('./merge');
      if (gone) {
        return;
      }
      const place = document.createElement('div');
      const drawn = await drawDiff(place, {
        before,
        after,
        mode,
        language,
        file,
        label,
        trans
      });
      if (gone) {
        drawn.dispose();
        return;
      }
      dispose = drawn.dispose;
      node.current!.replaceChildren(place);
      setShown({ added: drawn.added, removed: drawn.removed });
    };
    draw().catch((error: unknown) => {
      console.error('jupyterlab-agent: a difference cannot be drawn', error);
      setFailed(true);
    });
    return () => {
      gone = true;
      dispose?.();
    };
  }, [before, after, mode, language, file, label, trans, same]);

  return (
    <div className={`jp-agent-Diff jp-mod-${mode}`}>
      {same ? (
        <div className="jp-agent-Diff-note">
          {before === null && after === null
            ? trans.__('There is no text to compare.')
            : trans.__('The text is the same.')}
        </div>
      ) : (
        <div className="jp-agent-Diff-note">
          {shown ? (
            <>
              <span className="jp-agent-Diff-added">
                {trans._n('+%1 line', '+%1 lines', shown.added)}
              </span>{' '}
              <span className="jp-agent-Diff-removed">
                {trans._n('−%1 line', '−%1 lines', shown.removed)}
              </span>
            </>
          ) : (
            trans.__('Comparing…')
          )}
        </div>
      )}
      <div className="jp-agent-Diff-body" ref={node} />
      {failed && <pre tabIndex={0}>{after ?? before}</pre>}
    </div>
  );
}
