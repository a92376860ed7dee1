import {
  addIcon,
  closeIcon,
  imageIcon,
  refreshIcon
} from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useState } from 'react';
import type { IContextRef, IContextSuggestion } from '../../tokens';
import { useChat } from '../context';
import { refKey, type IDraft, type IPicture } from '../draft';
import { step } from '../menu';
import { iconOf } from './contextIcons';
import { enlarge } from '../../ui/enlarge';

/** Megabytes or kilobytes, in few digits. */
function sizeOf(bytes: number): string {
  return bytes >= 1024 * 1024
    ? `${(bytes / 1024 / 1024).toFixed(1)} MB`
    : `${Math.max(1, Math.round(bytes / 1024))} KB`;
}

function Thumbnail(props: { picture: IPicture }): JSX.Element {
  const { composer } = useChat();
  const { picture } = props;
  const { key, blobId } = picture;
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    composer.pictures
      .url(picture)
      .then(found => {
        if (!gone) {
          setUrl(found);
        }
      })
      // Without it there is the icon; what is wrong with the picture its upload says.
      .catch(() => setUrl(null));
    return () => {
      gone = true;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the picture of one key stays the same
  }, [composer, key, blobId]);
  return url ? (
    <img
      className="jp-agent-Chip-picture"
      src={url}
      alt=""
      onError={() => setUrl(null)}
    />
  ) : (
    <imageIcon.react tag="span" className="jp-agent-icon" />
  );
}

/** One place of the bar: what the arrow keys go to. */
interface IPlace {
  key: string;
  remove: (() => void) | null;
  node: (tabIndex: number) => JSX.Element;
}

/**
 * What the agent gets beside the words: what is attached, and what could be with one click. The arrow keys go from one
 * to the next, Delete takes one away.
 */
export function ContextBar(props: {
  draft: IDraft;
  problems: ReadonlyMap<string, string>;
  offered: readonly IContextSuggestion[];
  /** Why the model chosen does not see pictures; null where it does. */
  blind: string | null;
  onLeave: () => void;
  barRef: React.RefObject<HTMLDivElement>;
}): JSX.Element | null {
  const { controller, composer, contextSources, trans } = useChat();
  const { draft, problems, offered, blind, onLeave, barRef } = props;
  const model = controller.draft;
  const [at, setAt] = useState(0);
  const focusAt = useRef<number | null>(null);

  const reveal = async (ref: IContextRef) => {
    const source = contextSources().find(known => known.id === ref.source);
    try {
      await source?.reveal?.(ref);
    } catch (error) {
      model.setProblem(
        ref,
        error instanceof Error ? error.message : String(error)
      );
    }
  };

  const look = async (picture: IPicture) => {
    try {
      const url = await composer.pictures.url(picture);
      if (url) {
        enlarge(url, picture.name, trans);
      }
    } catch (error) {
      controller.report(error);
    }
  };

  const removeButton = (name: string, remove: () => void) => (
    <button
      type="button"
      className="jp-agent-Chip-remove"
      // The keyboard has Delete.
      tabIndex={-1}
      title={trans.__('Take away (Delete)')}
      aria-label={trans.__('Take away %1', name)}
      onClick={() => {
        remove();
        onLeave();
      }}
    >
      <closeIcon.react tag="span" className="jp-agent-icon" />
    </button>
  );

  const attached = draft.refs.map((ref): IPlace => {
    const problem = problems.get(refKey(ref));
    const Icon = iconOf(ref.kind);
    const remove = () => model.detach(ref);
    return {
      key: refKey(ref),
      remove,
      node: tabIndex => (
        <div
          className={`jp-agent-Chip ${problem ? 'jp-mod-error' : ''}`}
          role="listitem"
        >
          <button
            type="button"
            className="jp-agent-Chip-main"
            tabIndex={tabIndex}
            title={ref.path ? trans.__('Show %1', ref.path) : ref.name}
            aria-keyshortcuts="Delete"
            onClick={() => void reveal(ref)}
          >
            <Icon.react tag="span" className="jp-agent-icon" />
            <span className="jp-agent-Chip-name">{ref.name}</span>
          </button>
          {removeButton(ref.name, remove)}
          {problem && (
            <span className="jp-agent-Chip-note" role="alert">
              {problem}
            </span>
          )}
        </div>
      )
    };
  });

  const pictures = draft.pictures.map((picture): IPlace => {
    const busy = picture.state === 'preparing' || picture.state === 'uploading';
    const remove = () => composer.pictures.remove(picture);
    const retry = composer.pictures.canRetry(picture);
    const note =
      picture.error ??
      (busy ? trans.__('uploading…') : (blind ?? sizeOf(picture.size)));
    const wrong = picture.state === 'failed' || blind !== null;
    return {
      key: picture.key,
      remove,
      node: tabIndex => (
        <div
          className={`jp-agent-Chip ${wrong ? 'jp-mod-error' : ''}`}
          role="listitem"
          aria-busy={busy}
        >
          <button
            type="button"
            className="jp-agent-Chip-main"
            tabIndex={tabIndex}
            title={retry ? trans.__('Try again') : `${picture.name}, ${note}`}
            aria-keyshortcuts="Delete"
            onClick={() => {
              if (retry) {
                composer.pictures.retry(picture);
              } else {
                void look(picture);
              }
            }}
          >
            {retry ? (
              <refreshIcon.react tag="span" className="jp-agent-icon" />
            ) : (
              <Thumbnail picture={picture} />
            )}
            <span className="jp-agent-Chip-name">
              {retry ? trans.__('Try again: %1', picture.name) : picture.name}
            </span>
          </button>
          {removeButton(picture.name, remove)}
          {busy && <span className="jp-agent-Chip-progress" />}
          <span
            className="jp-agent-Chip-note"
            role={picture.state === 'failed' ? 'alert' : undefined}
          >
            {note}
          </span>
        </div>
      )
    };
  });

  const ghosts = offered.map((suggestion): IPlace => {
    const { ref } = suggestion;
    const Icon = suggestion.icon ?? iconOf(ref.kind);
    return {
      key: `offer ${refKey(ref)}`,
      remove: null,
      node: tabIndex => (
        <div className="jp-agent-Chip jp-mod-offered" role="listitem">
          <button
            type="button"
            className="jp-agent-Chip-main"
            tabIndex={tabIndex}
            title={suggestion.detail ?? ref.path ?? ref.name}
            aria-label={trans.__('Attach %1', ref.name)}
            onClick={() => {
              model.attach(ref);
              onLeave();
            }}
          >
            <addIcon.react tag="span" className="jp-agent-icon" />
            <Icon.react tag="span" className="jp-agent-icon" />
            <span className="jp-agent-Chip-name">{ref.name}</span>
          </button>
        </div>
      )
    };
  });

  const places = [...attached, ...pictures, ...ghosts];
  const active = Math.min(at, places.length - 1);

  useEffect(() => {
    // After one was taken away the next one has the keyboard.
    if (focusAt.current !== null) {
      const buttons = barRef.current?.querySelectorAll<HTMLElement>(
        '.jp-agent-Chip-main'
      );
      const next = buttons?.[Math.min(focusAt.current, buttons.length - 1)];
      focusAt.current = null;
      if (next) {
        next.focus();
      } else {
        onLeave();
      }
    }
  });

  if (places.length === 0) {
    return null;
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the buttons in it have the keyboard
    <div
      ref={barRef}
      className="jp-agent-ContextBar"
      role="list"
      aria-label={trans.__('What the agent gets with the message')}
      onFocus={event => {
        const buttons = [
          ...event.currentTarget.querySelectorAll('.jp-agent-Chip-main')
        ];
        const found = buttons.indexOf(event.target);
        if (found >= 0) {
          setAt(found);
        }
      }}
      onKeyDown={event => {
        const place = places[active];
        const { key } = event;
        if (key === 'ArrowRight' || key === 'ArrowLeft') {
          event.preventDefault();
          const next = step(
            active,
            key === 'ArrowRight' ? 1 : -1,
            places.length
          );
          const chips = barRef.current?.querySelectorAll<HTMLElement>(
            '.jp-agent-Chip-main'
          );
          chips?.[next]?.focus();
        } else if ((key === 'Delete' || key === 'Backspace') && place?.remove) {
          event.preventDefault();
          focusAt.current = Math.max(0, active - (key === 'Backspace' ? 1 : 0));
          place.remove();
        } else if (key === 'ArrowDown' || key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          onLeave();
        }
      }}
    >
      {places.map((place, index) => (
        <React.Fragment key={place.key}>
          {place.node(index === active ? 0 : -1)}
        </React.Fragment>
      ))}
    </div>
  );
}
