import { MimeModel } from '@jupyterlab/rendermime';
import React, { useEffect, useRef, useState } from 'react';
import { useTurns } from '../context';

const MARKDOWN = 'text/markdown';

/** Markdown of a model, drawn by JupyterLab; as it is written where that fails. */
export function Rendered(props: { text: string }): JSX.Element {
  const { rendermime } = useTurns();
  const { text } = props;
  const node = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const renderer = rendermime.createRenderer(MARKDOWN);
    const model = new MimeModel({ data: { [MARKDOWN]: text } });
    let gone = false;
    renderer
      .renderModel(model)
      .then(() => {
        if (!gone) {
          node.current?.replaceChildren(renderer.node);
          setFailed(false);
        }
      })
      .catch((error: unknown) => {
        console.warn('jupyterlab-agent: it cannot be drawn', error);
        if (!gone) {
          setFailed(true);
        }
      });
    return () => {
      gone = true;
      renderer.dispose();
    };
  }, [rendermime, text]);
  return (
    <div className="jp-agent-Markdown">
      {failed && <div className="jp-agent-Markdown-source">{text}</div>}
      <div ref={node} />
    </div>
  );
}
