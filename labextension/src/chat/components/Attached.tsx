import { closeIcon } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';
import type { IImagePart, InputPart } from '../../api/types';
import { useChat } from '../context';
import { iconOf } from './contextIcons';
import { IconButton } from '../../ui/IconButton';
import { enlarge } from '../../ui/enlarge';
import { useBlobPicture } from '../../ui/picture';

/** A picture of a message, small; pressed it is shown large. */
function Picture(props: {
  part: IImagePart;
  onRemove?: () => void;
}): JSX.Element {
  const { controller, trans } = useChat();
  const { blob_id: blobId, data, media_type: mediaType } = props.part;
  const stored = useBlobPicture(
    controller.client,
    data ? null : (blobId ?? null)
  );
  const url = data ? `data:${mediaType};base64,${data}` : stored.url;
  const { failed } = stored;
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
          const Icon = iconOf(part.kind);
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
