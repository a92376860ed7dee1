import {
  closeIcon,
  fileIcon,
  notebookIcon,
  textEditorIcon,
  variableIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import React, { useEffect, useId, useState } from 'react';
import type { IContextPart, IImagePart, InputPart } from '../../api/types';
import { useChat } from '../context';
import { IconButton } from './controls';
import { enlarge } from './enlarge';

const ICONS: Record<IContextPart['kind'], LabIcon> = {
  notebook: notebookIcon,
  cell: notebookIcon,
  selection: textEditorIcon,
  file: fileIcon,
  variable: variableIcon,
  text: textEditorIcon
};

/** Address of a sent picture for the page; null while it is loaded, and where it cannot be. */
function usePicture(part: IImagePart): { url: string | null; failed: boolean } {
  const { controller } = useChat();
  const { blob_id: blobId, data, media_type: mediaType } = part;
  const [loaded, setLoaded] = useState<{
    blobId: string;
    url: string | null;
  } | null>(null);
  useEffect(() => {
    if (!blobId) {
      return;
    }
    let url: string | null = null;
    let gone = false;
    controller.client
      .getBlob(blobId)
      .then(blob => {
        if (!gone) {
          url = URL.createObjectURL(blob);
          setLoaded({ blobId, url });
        }
      })
      .catch(() => {
        if (!gone) {
          setLoaded({ blobId, url: null });
        }
      });
    return () => {
      gone = true;
      if (url) {
        URL.revokeObjectURL(url);
      }
    };
  }, [blobId, controller]);
  if (data) {
    return { url: `data:${mediaType};base64,${data}`, failed: false };
  }
  return loaded && loaded.blobId === blobId
    ? { url: loaded.url, failed: loaded.url === null }
    : { url: null, failed: false };
}

/** A picture of a message, small; pressed it is shown large. */
function Picture(props: {
  part: IImagePart;
  onRemove?: () => void;
}): JSX.Element {
  const { trans } = useChat();
  const { url, failed } = usePicture(props.part);
  const name = props.part.name || trans.__('Picture');
  return (
    <span className="jp-agent-Picture">
      <button
        type="button"
        className="jp-agent-Picture-open"
        title={trans.__('Show %1 large', name)}
        aria-label={trans.__('Show %1 large', name)}
        disabled={!url}
        onClick={() => enlarge(url!, name, trans)}
      >
        {url ? (
          <img src={url} alt="" />
        ) : (
          <span className="jp-agent-Picture-note">
            {failed ? trans.__('The picture is not there') : trans.__('…')}
          </span>
        )}
      </button>
      {props.onRemove && (
        <IconButton
          icon={closeIcon}
          label={trans.__('Take %1 away', name)}
          onClick={props.onRemove}
        />
      )}
    </span>
  );
}

/** What went with a message: pressed, a chip shows what the model read. */
export function Attached(props: {
  parts: readonly InputPart[];
  /** Can be taken away. */
  onRemove?: (part: InputPart) => void;
}): JSX.Element | null {
  const { trans } = useChat();
  const id = useId();
  const [open, setOpen] = useState<InputPart | null>(null);
  const { parts, onRemove } = props;
  if (parts.length === 0) {
    return null;
  }
  const shown = open && parts.includes(open) ? open : null;
  return (
    <div className="jp-agent-Attached">
      <ul className="jp-agent-Attached-list" aria-label={trans.__('Attached')}>
        {parts.map((part, at) => {
          if (part.type === 'text') {
            return null;
          }
          const remove = onRemove && (() => onRemove(part));
          if (part.type === 'image') {
            return (
              <li key={at}>
                <Picture part={part} onRemove={remove} />
              </li>
            );
          }
          const Icon = ICONS[part.kind];
          return (
            <li key={at} className="jp-agent-Attached-item">
              <button
                type="button"
                className="jp-agent-Attached-chip"
                aria-expanded={part === shown}
                aria-controls={part === shown ? `${id}-text` : undefined}
                title={trans.__('%1: show what the model reads', part.name)}
                onClick={() => setOpen(part === shown ? null : part)}
              >
                <Icon.react tag="span" className="jp-agent-icon" />
                <span className="jp-agent-Attached-name">{part.name}</span>
              </button>
              {remove && (
                <IconButton
                  icon={closeIcon}
                  label={trans.__('Take %1 away', part.name)}
                  onClick={remove}
                />
              )}
            </li>
          );
        })}
      </ul>
      {shown?.type === 'context' && (
        <pre
          id={`${id}-text`}
          className="jp-agent-Attached-text"
          tabIndex={0}
          aria-label={trans.__('What the model reads of %1', shown.name)}
        >
          {shown.text || trans.__('(nothing)')}
        </pre>
      )}
    </div>
  );
}
