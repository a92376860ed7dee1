import {
  closeIcon,
  deleteIcon,
  editIcon,
  ellipsesIcon,
  pauseIcon,
  searchIcon,
  undoIcon
} from '@jupyterlab/ui-components';
import React, { useEffect, useMemo, useRef, useState } from 'react';
import type { ISearchHit, ISession } from '../../api/types';
import { archiveIcon, branchIcon } from '../../icons';
import { useChat } from '../context';
import type { IChatState } from '../controller';
import { sameConversation } from '../conversations';
import { bestHits, byDay, pieces, plainPreview, type Day } from '../drawer';
import { ago } from '../wording';
import { IconButton } from '../../ui/IconButton';
import { saveFile } from '../../ui/saveFile';
import { openSessionMenu } from './sessionMenu';

const PAGE = 50;

/** The most that the server gives at once. */
const MOST = 500;

interface IFound {
  items: ISession[];
  total: number;
  hits: ReadonlyMap<string, ISearchHit>;
  at: number;
}

/** Reads the list again whenever it may have changed; `limit` grows while one scrolls. */
function useSessions(
  wanted: string,
  archived: boolean,
  limit: number,
  version: number
): { found: IFound | null; failed: string | null } {
  const { controller } = useChat();
  const [found, setFound] = useState<IFound | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    let stale = false;
    const q = wanted.trim();
    const read = async (): Promise<IFound> => {
      const { client } = controller;
      const offsets = [];
      for (let offset = 0; offset < limit; offset += MOST) {
        offsets.push(offset);
      }
      const [hits, ...pages] = await Promise.all([
        q ? client.search({ q, limit: 100 }) : null,
        ...offsets.map(offset =>
          client.listSessions({
            q: q || undefined,
            status: archived ? 'archived' : undefined,
            latest: true,
            offset,
            limit: Math.min(MOST, limit - offset)
          })
        )
      ]);
      return {
        items: pages.flatMap(page => page.items),
        total: pages[0]?.total ?? 0,
        hits: bestHits(hits?.items ?? []),
        at: Date.now()
      };
    };
    const timer = setTimeout(
      () => {
        read()
          .then(page => {
            if (!stale) {
              setFound(page);
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
  }, [controller, wanted, archived, limit, version]);
  return { found, failed };
}

/** The end of the list: when it comes into sight there is more. */
function More(props: { onSeen: () => void }): JSX.Element {
  const { trans } = useChat();
  const { onSeen } = props;
  const node = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      entries => {
        if (entries.some(entry => entry.isIntersecting)) {
          onSeen();
        }
      },
      { root: node.current!.closest('.jp-agent-Sessions-list') }
    );
    observer.observe(node.current!);
    return () => observer.disconnect();
  }, [onSeen]);
  return (
    <button
      ref={node}
      type="button"
      className="jp-agent-button jp-agent-Sessions-more"
      onClick={onSeen}
    >
      {trans.__('Show more')}
    </button>
  );
}

/** Where the words that were searched for are. */
function Snippet(props: { hit: ISearchHit }): JSX.Element {
  return (
    <span className="jp-agent-Sessions-snippet">
      {pieces(props.hit.snippet).map((piece, at) =>
        piece.marked ? (
          <mark key={at}>{piece.text}</mark>
        ) : (
          <React.Fragment key={at}>{piece.text}</React.Fragment>
        )
      )}
    </span>
  );
}

/** One conversation of the list. */
function Item(props: {
  session: ISession;
  hit: ISearchHit | null;
  isOpen: boolean;
  archived: boolean;
  now: number;
  renaming: boolean;
  setRenaming: (renaming: boolean) => void;
  onClose: () => void;
  onMove: (from: HTMLElement, step: number) => void;
}): JSX.Element {
  const { controller, execute, trans } = useChat();
  const { session, hit, isOpen, archived, setRenaming } = props;
  const open = useRef<HTMLButtonElement>(null);
  const renamed = useRef(false);
  const preview = plainPreview(session.preview ?? '');
  const title = session.title || preview || trans.__('Untitled');

  useEffect(() => {
    // Who comes back from renaming is where they were.
    if (renamed.current && !props.renaming) {
      open.current?.focus();
    }
    renamed.current = props.renaming;
  }, [props.renaming]);

  const remove = () => {
    const from = open.current;
    if (from) {
      props.onMove(from, 1);
    }
    void controller.remove(session);
  };
  const download = async (format: 'md' | 'ipynb' | 'json') => {
    try {
      const file = await controller.client.exportSession(session.id, format);
      saveFile(file.name || `chat.${format}`, file.content);
    } catch (error) {
      controller.report(error);
    }
  };
  const openMenu = (owner: HTMLElement, x: number, y: number) =>
    openSessionMenu({
      owner,
      x,
      y,
      archived,
      trans,
      actions: {
        rename: () => setRenaming(true),
        branch: () => {
          props.onClose();
          void controller.branchSession(
            session,
            trans.__('Branch of %1', title)
          );
        },
        insights: () =>
          void execute('agent:session-insights', {
            sessionId: session.id
          }).catch((error: unknown) => controller.report(error)),
        download: format => void download(format),
        archive: () => void controller.archive(session, !archived),
        remove
      }
    });

  return (
    <li
      className={`jp-agent-Sessions-item ${isOpen ? 'jp-mod-current' : ''}`}
      onContextMenu={event => {
        event.preventDefault();
        event.stopPropagation();
        const box = event.currentTarget.getBoundingClientRect();
        const byKey = event.clientX === 0 && event.clientY === 0;
        openMenu(
          open.current ?? event.currentTarget,
          byKey ? box.left + 16 : event.clientX,
          byKey ? box.top + 16 : event.clientY
        );
      }}
    >
      {props.renaming ? (
        <TitleInput
          title={session.title}
          label={trans.__('Title of the chat')}
          onDone={changed => {
            setRenaming(false);
            if (changed !== null && changed !== session.title) {
              void controller.rename(session, changed);
            }
          }}
        />
      ) : (
        <button
          ref={open}
          type="button"
          className="jp-agent-Sessions-open"
          aria-current={isOpen || undefined}
          onClick={() => {
            props.onClose();
            if (!isOpen || hit?.message_id) {
              void controller.openSession(
                session.id,
                hit?.message_id ? { messageId: hit.message_id } : {}
              );
            }
          }}
          onKeyDown={event => {
            if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
              event.preventDefault();
              props.onMove(
                event.currentTarget,
                event.key === 'ArrowDown' ? 1 : -1
              );
            } else if (event.key === 'F2') {
              event.preventDefault();
              setRenaming(true);
            } else if (event.key === 'Delete') {
              event.preventDefault();
              remove();
            }
          }}
        >
          <span className="jp-agent-Sessions-title">
            {session.waiting ? (
              <pauseIcon.react
                tag="span"
                className="jp-agent-icon jp-agent-waits"
                title={trans.__('It waits for you')}
              />
            ) : (
              session.running_turn_id && (
                <span className="jp-agent-Working-dot" />
              )
            )}
            {session.branched && (
              <branchIcon.react
                tag="span"
                className="jp-agent-icon"
                title={trans.__('Branched from another chat')}
              />
            )}
            <span className="jp-agent-Sessions-name">{title}</span>
          </span>
          <span className="jp-agent-Sessions-note">
            {session.waiting ? (
              <span className="jp-agent-waits">
                {trans.__('waits for you')}
              </span>
            ) : session.running_turn_id ? (
              <span className="jp-agent-Sessions-running">
                {trans.__('running')}
              </span>
            ) : (
              ago(session.last_activity_at, props.now, trans)
            )}
            {!hit && session.title && preview && (
              <span className="jp-agent-Sessions-preview">{preview}</span>
            )}
          </span>
          {hit && <Snippet hit={hit} />}
        </button>
      )}
      <span className="jp-agent-Sessions-tools">
        <IconButton
          icon={editIcon}
          label={trans.__('Rename “%1”', title)}
          onClick={() => setRenaming(true)}
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
          onClick={remove}
        />
        <IconButton
          icon={ellipsesIcon}
          label={trans.__('More for “%1”', title)}
          popup="menu"
          onClick={event => {
            const box = event.currentTarget.getBoundingClientRect();
            openMenu(event.currentTarget, box.left, box.bottom);
          }}
        />
      </span>
    </li>
  );
}

/** The conversations: search, reopen, rename, branch, export, archive, delete. */
export function SessionsDrawer(props: {
  state: IChatState;
  onClose: () => void;
}): JSX.Element {
  const { trans } = useChat();
  const { state, onClose } = props;
  const [wanted, setWanted] = useState('');
  const [archived, setArchived] = useState(false);
  const [limit, setLimit] = useState(PAGE);
  const [renaming, setRenaming] = useState<string | null>(null);
  const { found, failed } = useSessions(
    wanted,
    archived,
    limit,
    state.sessionsVersion
  );
  const list = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);

  useEffect(() => {
    search.current?.focus();
  }, []);

  const { undoable } = state;
  const hidden = undoable?.kind === 'deleted' ? undoable.session : null;
  const items = useMemo(
    () =>
      (found?.items ?? []).filter(
        session =>
          !sameConversation(session, hidden) &&
          session.status !== 'terminated' &&
          (session.status === 'archived') === archived
      ),
    [found, hidden, archived]
  );
  const now = found?.at ?? 0;
  // What is found stands as the server gives it; only the whole list is a calendar.
  const groups = wanted.trim()
    ? [{ day: null, sessions: items }]
    : byDay(items, now);
  const days: Record<Day, string> = {
    today: trans.__('Today'),
    yesterday: trans.__('Yesterday'),
    week: trans.__('Previous 7 days'),
    older: trans.__('Older')
  };

  const move = (from: Element | null, step: number) => {
    const buttons = Array.from(
      list.current?.querySelectorAll<HTMLButtonElement>(
        '.jp-agent-Sessions-open'
      ) ?? []
    );
    const at = from ? buttons.indexOf(from as HTMLButtonElement) : -1;
    const next = buttons[at + step];
    if (next) {
      next.focus();
    } else if (step < 0 || at >= 0) {
      (step < 0 ? search.current : buttons[at - 1])?.focus();
    }
  };
  const seen = found?.items.length ?? 0;
  const more = React.useCallback(() => setLimit(seen + PAGE), [seen]);

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it from anywhere inside
    <section
      className="jp-agent-Sessions"
      aria-label={trans.__('Chats')}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          event.preventDefault();
          onClose();
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
            onChange={event => {
              setWanted(event.target.value);
              setLimit(PAGE);
            }}
            onKeyDown={event => {
              if (event.key === 'ArrowDown') {
                event.preventDefault();
                move(null, 1);
              }
            }}
          />
        </span>
        <IconButton
          icon={closeIcon}
          label={trans.__('Close')}
          onClick={onClose}
        />
      </div>
      <div className="jp-agent-Sessions-filter">
        <label>
          <input
            type="checkbox"
            checked={archived}
            onChange={event => {
              setArchived(event.target.checked);
              setLimit(PAGE);
            }}
          />
          {trans.__('Archived')}
        </label>
        {found && (
          <span role="status">
            {trans._n(
              '%1 chat',
              '%1 chats',
              found.total - (found.items.length - items.length),
              found.total - (found.items.length - items.length)
            )}
          </span>
        )}
      </div>
      {failed && (
        <div className="jp-agent-Outcome jp-mod-error" role="alert">
          {failed}
        </div>
      )}
      {!found && !failed && (
        <div className="jp-agent-Loading">{trans.__('Loading…')}</div>
      )}
      <div ref={list} className="jp-agent-Sessions-list">
        {groups.map(group => (
          <React.Fragment key={group.day ?? 'found'}>
            {group.day && (
              <h3 className="jp-agent-Sessions-day">{days[group.day]}</h3>
            )}
            {group.sessions.length > 0 && (
              <ul aria-label={group.day ? days[group.day] : trans.__('Found')}>
                {group.sessions.map(session => (
                  <Item
                    key={session.id}
                    session={session}
                    hit={(wanted && found?.hits.get(session.id)) || null}
                    isOpen={sameConversation(
                      state.conversation.session,
                      session
                    )}
                    archived={archived}
                    now={now}
                    renaming={renaming === session.id}
                    setRenaming={on => setRenaming(on ? session.id : null)}
                    onClose={onClose}
                    onMove={move}
                  />
                ))}
              </ul>
            )}
          </React.Fragment>
        ))}
        {found && found.total > found.items.length && <More onSeen={more} />}
      </div>
      {found && items.length === 0 && (
        <div className="jp-agent-Sessions-none">
          {wanted
            ? trans.__('No chat has these words.')
            : archived
              ? trans.__('Nothing is archived.')
              : trans.__('No chats yet.')}
        </div>
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
          // Else the key goes on to what has the focus next.
          event.preventDefault();
          done(title);
        } else if (event.key === 'Escape') {
          done(null);
        }
      }}
    />
  );
}
