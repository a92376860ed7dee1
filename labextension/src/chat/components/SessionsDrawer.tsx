import {
  closeIcon,
  deleteIcon,
  editIcon,
  searchIcon,
  undoIcon
} from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useState } from 'react';
import type { ISession } from '../../api/types';
import { archiveIcon } from '../../icons';
import { useChat } from '../context';
import type { IChatState } from '../controller';
import { ago } from '../wording';
import { IconButton } from './controls';

const PAGE = 50;

/** The conversations: search, reopen, rename, archive, delete. */
export function SessionsDrawer(props: {
  state: IChatState;
  onClose: () => void;
}): JSX.Element {
  const { controller, trans } = useChat();
  const { state } = props;
  const [wanted, setWanted] = useState('');
  const [archived, setArchived] = useState(false);
  const [limit, setLimit] = useState(PAGE);
  const [found, setFound] = useState<{
    items: ISession[];
    total: number;
    at: number;
  } | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const search = useRef<HTMLInputElement>(null);

  useEffect(() => {
    search.current?.focus();
  }, []);

  useEffect(() => {
    let stale = false;
    const timer = setTimeout(
      () => {
        controller.client
          .listSessions({
            q: wanted.trim() || undefined,
            status: archived ? 'archived' : undefined,
            limit
          })
          .then(page => {
            if (!stale) {
              setFound({ ...page, at: Date.now() });
              setFailed(null);
            }
          })
          .catch((error: unknown) => {
            if (!stale) {
              setFailed(error instanceof Error ? error.message : String(error));
            }
          });
      },
      wanted ? 150 : 0
    );
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [controller, wanted, archived, limit, state.sessionsVersion]);

  const hidden =
    state.undoable?.kind === 'deleted' ? state.undoable.session.id : null;
  const items = (found?.items ?? []).filter(
    session =>
      session.id !== hidden &&
      session.status !== 'terminated' &&
      (session.status === 'archived') === archived
  );

  const move = (event: React.KeyboardEvent, step: number) => {
    event.preventDefault();
    const buttons = Array.from(
      list.current?.querySelectorAll<HTMLButtonElement>(
        '.jp-agent-Sessions-open'
      ) ?? []
    );
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const next = buttons[at + step];
    if (next) {
      next.focus();
    } else if (step < 0) {
      search.current?.focus();
    }
  };

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it from anywhere inside
    <section
      className="jp-agent-Sessions"
      aria-label={trans.__('Chats')}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          event.preventDefault();
          props.onClose();
        }
      }}
    >
      <div className="jp-agent-Sessions-head">
        <span className="jp-agent-Sessions-search">
          <searchIcon.react tag="span" className="jp-agent-icon" />
          <input
            ref={search}
            className="jp-agent-input"
            type="search"
            aria-label={trans.__('Search chats')}
            placeholder={trans.__('Search chats')}
            value={wanted}
            onChange={event => setWanted(event.target.value)}
            onKeyDown={event => {
              if (event.key === 'ArrowDown') {
                move(event, 1);
              }
            }}
          />
        </span>
        <IconButton
          icon={closeIcon}
          label={trans.__('Close')}
          onClick={props.onClose}
        />
      </div>
      <div className="jp-agent-Sessions-filter">
        <label>
          <input
            type="checkbox"
            checked={archived}
            onChange={event => setArchived(event.target.checked)}
          />
          {trans.__('Archived')}
        </label>
        {found && (
          <span>
            {trans._n('%1 chat', '%1 chats', items.length, items.length)}
          </span>
        )}
      </div>
      {failed && <div className="jp-agent-Outcome jp-mod-error">{failed}</div>}
      {!found && !failed && (
        <div className="jp-agent-Loading">{trans.__('Loading…')}</div>
      )}
      <ul ref={list} className="jp-agent-Sessions-list">
        {items.map(session => {
          const isOpen = state.conversation.session?.id === session.id;
          const title =
            session.title || session.preview || trans.__('Untitled');
          return (
            <li
              key={session.id}
              className={`jp-agent-Sessions-item ${isOpen ? 'jp-mod-current' : ''}`}
            >
              {renaming === session.id ? (
                <TitleInput
                  title={session.title}
                  label={trans.__('Title of the chat')}
                  onDone={changed => {
                    setRenaming(null);
                    if (changed !== null && changed !== session.title) {
                      void controller.rename(session, changed);
                    }
                  }}
                />
              ) : (
                <button
                  type="button"
                  className="jp-agent-Sessions-open"
                  aria-current={isOpen || undefined}
                  onClick={() => {
                    props.onClose();
                    if (!isOpen) {
                      void controller.openSession(session.id);
                    }
                  }}
                  onKeyDown={event => {
                    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                      move(event, event.key === 'ArrowDown' ? 1 : -1);
                    } else if (event.key === 'F2') {
                      event.preventDefault();
                      setRenaming(session.id);
                    } else if (event.key === 'Delete') {
                      event.preventDefault();
                      void controller.remove(session);
                    }
                  }}
                >
                  <span className="jp-agent-Sessions-title">{title}</span>
                  <span className="jp-agent-Sessions-note">
                    {session.running_turn_id ? (
                      <span className="jp-agent-Sessions-running">
                        {trans.__('running')}
                      </span>
                    ) : (
                      ago(session.last_activity_at, found!.at, trans)
                    )}
                    {session.title && session.preview && (
                      <span className="jp-agent-Sessions-preview">
                        {session.preview}
                      </span>
                    )}
                  </span>
                </button>
              )}
              <span className="jp-agent-Sessions-tools">
                <IconButton
                  icon={editIcon}
                  label={trans.__('Rename “%1”', title)}
                  onClick={() => setRenaming(session.id)}
                />
                <IconButton
                  icon={archived ? undoIcon : archiveIcon}
                  label={
                    archived
                      ? trans.__('Take “%1” out of the archive', title)
                      : trans.__('Archive “%1”', title)
                  }
                  onClick={() => void controller.archive(session, !archived)}
                />
                <IconButton
                  icon={deleteIcon}
                  label={trans.__('Delete “%1”', title)}
                  onClick={() => void controller.remove(session)}
                />
              </span>
            </li>
          );
        })}
      </ul>
      {found && items.length === 0 && (
        <div className="jp-agent-Loading">
          {wanted
            ? trans.__('No chat has these words.')
            : archived
              ? trans.__('Nothing is archived.')
              : trans.__('No chats yet.')}
        </div>
      )}
      {found && found.total > limit && (
        <button
          type="button"
          className="jp-agent-button"
          onClick={() => setLimit(limit + PAGE)}
        >
          {trans.__('Show more')}
        </button>
      )}
    </section>
  );
}

/** Edits a title in its place. Enter and leaving keep it, Escape does not. */
export function TitleInput(props: {
  title: string;
  label: string;
  onDone: (title: string | null) => void;
}): JSX.Element {
  const [title, setTitle] = useState(props.title);
  const given = useRef(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const done = (value: string | null) => {
    if (!given.current) {
      given.current = true;
      props.onDone(value);
    }
  };
  return (
    <input
      ref={input}
      className="jp-agent-input jp-agent-TitleInput"
      aria-label={props.label}
      maxLength={200}
      value={title}
      onChange={event => setTitle(event.target.value)}
      onBlur={() => done(title)}
      onKeyDown={event => {
        event.stopPropagation();
        if (event.key === 'Enter') {
          done(title);
        } else if (event.key === 'Escape') {
          done(null);
        }
      }}
    />
  );
}
