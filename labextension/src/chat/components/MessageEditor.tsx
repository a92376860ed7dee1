import { fileUploadIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { InputPart } from '../../api/types';
import { useChat } from '../context';
import { DraftModel } from '../draft';
import type { IExchange } from '../model';
import { Pictures } from '../pictures';
import { Attached } from './Attached';
import { IconButton } from '../../ui/IconButton';

/** A message as something to be changed, in its place. Enter asks it anew, Escape leaves it as it was. */
export function MessageEditor(props: {
  exchange: IExchange;
  onDone: () => void;
}): JSX.Element {
  const { controller, trans } = useChat();
  const { exchange, onDone } = props;
  const [text, setText] = useState(exchange.text);
  const [kept, setKept] = useState<readonly InputPart[]>(exchange.parts);
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState<string | null>(null);
  const [added] = useState(() => {
    const draft = new DraftModel();
    const { client } = controller;
    return { draft, pictures: new Pictures({ client, draft, trans }) };
  });
  const [pictures, setPictures] = useState(added.draft.pictures);
  const input = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const slot = () => setPictures(added.draft.pictures);
    added.draft.changed.connect(slot);
    return () => {
      added.draft.changed.disconnect(slot);
      added.pictures.dispose();
    };
  }, [added]);
  useEffect(() => {
    const node = input.current!;
    node.focus({ preventScroll: true });
    node.setSelectionRange(node.value.length, node.value.length);
    node.scrollIntoView({ block: 'nearest' });
  }, []);
  useLayoutEffect(() => {
    const node = input.current!;
    node.style.height = 'auto';
    node.style.height = `${node.scrollHeight}px`;
  }, [text]);

  const fresh: InputPart[] = pictures
    .filter(picture => picture.state === 'ready')
    .map(picture => ({
      type: 'image',
      media_type: picture.mediaType,
      blob_id: picture.blobId,
      name: picture.name
    }));
  const waiting = pictures.some(
    picture => picture.state === 'preparing' || picture.state === 'uploading'
  );
  const failed = pictures.find(picture => picture.state === 'failed');
  const parts = [...kept, ...fresh];
  const empty = text.trim() === '' && parts.length === 0;
  const ready = !empty && !waiting && !failed && !busy;
  const send = async () => {
    if (!ready) {
      return;
    }
    setBusy(true);
    if (await controller.edit(exchange, text, parts)) {
      onDone();
    } else {
      setBusy(false);
      input.current?.focus();
    }
  };
  const add = (files: readonly File[]) => setNote(added.pictures.add(files));
  return (
    <div
      className="jp-agent-Editor"
      role="group"
      aria-label={trans.__('Edit message')}
      onDragOver={event => {
        if (event.dataTransfer.types.includes('Files')) {
          event.preventDefault();
        }
      }}
      onDrop={event => {
        if (event.dataTransfer.files.length > 0) {
          event.preventDefault();
          event.stopPropagation();
          add(Array.from(event.dataTransfer.files));
        }
      }}
    >
      <Attached
        parts={parts}
        onRemove={part => {
          const at = fresh.indexOf(part);
          if (at < 0) {
            setKept(kept.filter(other => other !== part));
          } else {
            const blobId = part.type === 'image' ? part.blob_id : null;
            const picture = pictures.find(other => other.blobId === blobId);
            if (picture) {
              added.pictures.remove(picture);
            }
          }
          input.current?.focus();
        }}
      />
      <textarea
        ref={input}
        className="jp-agent-Editor-input"
        rows={1}
        value={text}
        readOnly={busy}
        aria-label={trans.__('Message')}
        onChange={event => setText(event.target.value)}
        onPaste={event => {
          const files = Array.from(event.clipboardData.files);
          if (files.length > 0) {
            event.preventDefault();
            add(files);
          }
        }}
        onKeyDown={event => {
          // While an input method composes, its keys are its own.
          if (event.nativeEvent.isComposing) {
            return;
          }
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            event.stopPropagation();
            void send();
          } else if (event.key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            onDone();
          }
        }}
      />
      {(note ?? failed?.error) && (
        <div className="jp-agent-Message-note" role="alert">
          {note ?? failed?.error}{' '}
          {failed && (
            <button
              type="button"
              className="jp-agent-button"
              onClick={() => added.pictures.remove(failed)}
            >
              {trans.__('Take %1 away', failed.name)}
            </button>
          )}
        </div>
      )}
      {waiting && (
        <div className="jp-agent-Message-note">
          {trans.__('The picture is uploaded…')}
        </div>
      )}
      <div className="jp-agent-actions">
        <button
          type="button"
          className="jp-agent-button jp-mod-primary"
          disabled={!ready}
          onClick={() => void send()}
        >
          {trans.__('Send')}
        </button>
        <button type="button" className="jp-agent-button" onClick={onDone}>
          {trans.__('Cancel')}
        </button>
        <IconButton
          icon={fileUploadIcon}
          label={trans.__('Add a picture')}
          onClick={() => file.current?.click()}
        />
        <input
          ref={file}
          type="file"
          accept="image/*"
          multiple
          hidden
          onChange={event => {
            add(Array.from(event.target.files ?? []));
            event.target.value = '';
          }}
        />
      </div>
      <div className="jp-agent-Message-note">
        {trans.__(
          'The chat goes on from here in a new version. The old one is kept.'
        )}
      </div>
    </div>
  );
}
