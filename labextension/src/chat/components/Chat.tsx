import {
  addIcon,
  closeIcon,
  ellipsesIcon,
  listIcon,
  offlineBoltIcon
} from '@jupyterlab/ui-components';
import React, { useCallback, useEffect, useRef, useState } from 'react';
import { useChat, useChatSettings, useChatState } from '../context';
import type { IChatState } from '../controller';
import { useTools } from '../../tools/context';
import { Tasks } from '../../tools/Tasks';
import { WaitingBar } from '../../tools/WaitingBar';
import { sentence } from '../../tools/words';
import { waitingCalls } from '../events';
import { current, type IExchange } from '../model';
import { spokenEnd } from '../wording';
import { useGradesOf } from './AnswerGrade';
import { Composer } from './Composer';
import { IconButton } from '../../ui/IconButton';
import { SessionsDrawer, TitleInput } from './SessionsDrawer';
import { Transcript } from './Transcript';
import { Welcome } from './Welcome';

/** How the panel's commands reach what is drawn. */
export interface IChatHandle {
  focusInput: () => void;
  toggleSessions: () => void;
  rename: () => void;
  /** Opens the list of models with something searched for. */
  pickModel: (wanted?: string) => void;
  /** Opens the list of what the agent may do. */
  pickMode: () => void;
  /**
   * Brings the focus to a call that waits, as soon as it is drawn; after the answer it goes back.
   *
   * @param from - what it goes back to.
   * @returns whether the call is there.
   */
  answer: (approvalId: string, from: Element | null) => Promise<boolean>;
}

/** Says what changed, for those who do not see it: states, never every word. */
function useSpoken(state: IChatState): string {
  const { controller, trans } = useChat();
  const { announceProgress } = useChatSettings();
  const [end, setEnd] = useState('');
  useEffect(() => {
    const slot = (_: unknown, exchange: IExchange): void =>
      setEnd(spokenEnd(exchange, trans));
    controller.turnFinished.connect(slot);
    return () => {
      controller.turnFinished.disconnect(slot);
    };
  }, [controller, trans]);
  const running = current(state.conversation);
  if (state.connection === 'reconnecting') {
    return trans.__('The connection is lost. It resumes by itself.');
  }
  if (!running) {
    return end;
  }
  const waiting = waitingCalls(running);
  if (waiting.length > 0) {
    return waiting.length === 1
      ? trans.__('It waits for you: %1', sentence(waiting[0]!, trans))
      : trans._n(
          '%1 call waits for you',
          '%1 calls wait for you',
          waiting.length
        );
  }
  if (!announceProgress) {
    return '';
  }
  if (running.state === 'sending') {
    return trans.__('Sending.');
  }
  return running.blocks.length === 0
    ? trans.__('The agent is working.')
    : trans.__('The agent is answering.');
}

function firstWaiting(page: HTMLElement | null): HTMLElement | null {
  return page?.querySelector<HTMLElement>('.jp-agent-Approval') ?? null;
}

/** Milliseconds in which a call is drawn that waits in the open chat. */
const DRAWN = 5000;

/** The way to a call that waits, which may still have to be drawn. */
function useSeeking(
  page: React.RefObject<HTMLDivElement>
): IChatHandle['answer'] {
  const { wayBack } = useTools();
  const seek = useRef<(() => void) | null>(null);
  const left = useRef<(() => void) | null>(null);
  // After each drawing: the call, or what covers it, comes and goes with one.
  useEffect(() => seek.current?.());
  return useCallback(
    (approvalId, from) =>
      new Promise(resolve => {
        left.current?.();
        const end = (found: boolean) => {
          clearTimeout(timer);
          seek.current = left.current = null;
          resolve(found);
        };
        // Who asks again goes to another one.
        left.current = () => end(true);
        const timer = setTimeout(() => end(false), DRAWN);
        seek.current = () => {
          const node = page.current?.querySelector<HTMLElement>(
            `[data-approval="${CSS.escape(approvalId)}"]`
          );
          if (node && wayBack?.go(approvalId, node, from)) {
            end(true);
          }
        };
        seek.current();
      }),
    [page, wayBack]
  );
}

/** Milliseconds after a key in which somebody is writing. */
const WRITING = 1500;

/**
 * Gives the focus to a call that comes to wait, where it takes it from nobody: not from somebody who writes, in the box
 * or elsewhere, and not from another call.
 */
function useApprovalFocus(
  page: React.RefObject<HTMLDivElement>,
  waiting: string
): void {
  const lastKey = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // Who has sent is done.
      lastKey.current = event.key === 'Enter' ? 0 : Date.now();
    };
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, []);
  useEffect(() => {
    if (!waiting) {
      return;
    }
    const panel = page.current?.closest('.jp-agent-Panel');
    const active = document.activeElement;
    const nobody = !active || active === document.body;
    if (!nobody && !panel?.contains(active)) {
      return;
    }
    const written =
      (active instanceof HTMLTextAreaElement ||
        active instanceof HTMLInputElement) &&
      (active.value !== '' || Date.now() - lastKey.current < WRITING);
    if (!written && !active?.closest('.jp-agent-Approval')) {
      firstWaiting(page.current)?.focus({ preventScroll: false });
    }
  }, [page, waiting]);
}

function Header(props: {
  state: IChatState;
  drawer: boolean;
  setDrawer: (open: boolean) => void;
  renaming: boolean;
  setRenaming: (renaming: boolean) => void;
}): JSX.Element {
  const { controller, trans, openMenu } = useChat();
  const { session, exchanges } = props.state.conversation;
  const title =
    session?.title ||
    exchanges[0]?.text.split('\n')[0]?.slice(0, 200) ||
    trans.__('New chat');
  return (
    <div
      className="jp-agent-Header"
      role="toolbar"
      aria-label={trans.__('Chat')}
    >
      <IconButton
        icon={listIcon}
        label={trans.__('Chats')}
        expanded={props.drawer}
        onClick={() => props.setDrawer(!props.drawer)}
      />
      {props.renaming && session ? (
        <TitleInput
          title={session.title || title}
          label={trans.__('Title of the chat')}
          onDone={changed => {
            props.setRenaming(false);
            if (changed !== null && changed !== session.title) {
              void controller.rename(session, changed);
            }
          }}
        />
      ) : (
        <h2 className="jp-agent-Header-head">
          {session ? (
            <button
              type="button"
              className="jp-agent-Header-title"
              title={trans.__('%1 (click to rename)', title)}
              onClick={() => props.setRenaming(true)}
            >
              {title}
            </button>
          ) : (
            <span className="jp-agent-Header-title">{title}</span>
          )}
        </h2>
      )}
      <IconButton
        icon={addIcon}
        label={trans.__('New chat')}
        onClick={() => {
          props.setDrawer(false);
          controller.newSession();
        }}
      />
      <IconButton
        icon={ellipsesIcon}
        label={trans.__('More')}
        popup="menu"
        onClick={event => {
          const box = event.currentTarget.getBoundingClientRect();
          openMenu(box.left, box.bottom);
        }}
      />
    </div>
  );
}

function Banners(props: { state: IChatState }): JSX.Element {
  const { controller, trans } = useChat();
  const { connection, problem, undoable, phase, failure } = props.state;
  return (
    <>
      {phase === 'failed' && (
        <div className="jp-agent-Banner jp-mod-error" role="alert">
          <span>
            {failure?.status === 404
              ? trans.__(
                  'The server has no agent: its extension jupyter_agent is not enabled.'
                )
              : failure?.status === 401 || failure?.status === 403
                ? trans.__('You are not signed in any more. Reload the page.')
                : (failure?.message ?? '')}
          </span>
          <button
            type="button"
            className="jp-agent-button"
            onClick={() => void controller.start()}
          >
            {trans.__('Try again')}
          </button>
        </div>
      )}
      {connection === 'reconnecting' && (
        <div className="jp-agent-Banner jp-mod-warning">
          <offlineBoltIcon.react tag="span" className="jp-agent-icon" />
          <span>{trans.__('Connection lost. It resumes by itself.')}</span>
          <button
            type="button"
            className="jp-agent-button"
            onClick={() => controller.wake()}
          >
            {trans.__('Now')}
          </button>
        </div>
      )}
      {problem && (
        <div className="jp-agent-Banner jp-mod-error" role="alert">
          <span>{problem}</span>
          <IconButton
            icon={closeIcon}
            label={trans.__('Dismiss')}
            onClick={() => controller.dismissProblem()}
          />
        </div>
      )}
      {undoable && (
        <div className="jp-agent-Banner jp-agent-Undo" role="status">
          <span>
            {undoable.kind === 'deleted'
              ? trans.__('Chat deleted.')
              : trans.__('Chat archived.')}
          </span>
          <button
            type="button"
            className="jp-agent-button"
            onClick={() => void controller.undo()}
          >
            {trans.__('Undo')}
          </button>
        </div>
      )}
    </>
  );
}

/** The whole panel. */
export function Chat(props: {
  onHandle: (handle: IChatHandle) => void;
}): JSX.Element {
  const { controller, trans } = useChat();
  const state = useChatState();
  const [drawer, setDrawer] = useState(false);
  const [renaming, setRenaming] = useState(false);
  // What is searched for in the list of models; null while it is closed.
  const [picking, setPicking] = useState<string | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const page = useRef<HTMLDivElement>(null);
  const spoken = useSpoken(state);
  const running = current(state.conversation);
  const waiting = waitingCalls(running).map(call => call.asked!.id);
  useApprovalFocus(page, waiting.join(' '));
  useGradesOf(state.conversation.session?.id ?? null);
  // A list of which everything is done is of interest while the agent works.
  const open =
    running !== null ||
    state.conversation.tasks.some(
      task => task.status === 'pending' || task.status === 'in_progress'
    );
  const { onHandle } = props;
  const { wayBack } = useTools();
  const [choosingMode, setChoosingMode] = useState(false);
  const pickModel = useCallback(() => setPicking(''), []);

  useEffect(() => {
    // What waits to be deleted does not outlive the page.
    const leave = () => controller.leave();
    window.addEventListener('pagehide', leave);
    return () => window.removeEventListener('pagehide', leave);
  }, [controller]);

  // Only when it is drawn without the drawer can the page take the focus again.
  const drawerWas = useRef(false);
  // What had the focus may go with what it did: another version of the chat, a button whose work is done. Then the box
  // has it, so that who works with the keyboard is never nowhere.
  const held = useRef<Element | null>(null);
  useEffect(() => {
    if (
      held.current &&
      !held.current.isConnected &&
      document.activeElement === document.body
    ) {
      held.current = null;
      // After an answer the next call that waits has it, where nobody came from elsewhere.
      if (!wayBack?.return()) {
        (firstWaiting(page.current) ?? input.current)?.focus();
      }
    }
  });
  useEffect(() => {
    if (drawerWas.current && !drawer && picking === null) {
      input.current?.focus();
    }
    drawerWas.current = drawer;
  }, [drawer, picking]);
  const answer = useSeeking(page);

  useEffect(() => {
    onHandle({
      focusInput: () => {
        setDrawer(false);
        input.current?.focus();
      },
      toggleSessions: () => setDrawer(open => !open),
      rename: () => setRenaming(true),
      pickModel: (wanted = '') => {
        // The list is on the page that the drawer covers.
        setDrawer(false);
        setPicking(wanted);
      },
      pickMode: () => {
        setDrawer(false);
        setChoosingMode(true);
      },
      answer: (approvalId, from) => {
        setDrawer(false);
        return answer(approvalId, from);
      }
    });
  }, [onHandle, answer]);

  return (
    <div
      className="jp-agent-Chat"
      onFocus={event => {
        held.current = event.target;
      }}
    >
      <Header
        state={state}
        drawer={drawer}
        setDrawer={setDrawer}
        renaming={renaming}
        setRenaming={setRenaming}
      />
      <div className="jp-agent-Chat-main">
        {/* Behind the drawer it is there and keeps its place, but nobody gets into it. */}
        <div
          ref={page}
          className="jp-agent-Chat-page"
          // React 18 knows `inert` as an unknown attribute only.
          {...(drawer ? { inert: '' } : {})}
        >
          {state.phase === 'loading' && state.connection === 'online' ? (
            <div className="jp-agent-Loading">{trans.__('Loading…')}</div>
          ) : (
            <Transcript
              state={state}
              onModel={pickModel}
              empty={state.phase === 'ready' ? <Welcome state={state} /> : null}
            />
          )}
          {open && <Tasks tasks={state.conversation.tasks} />}
          <WaitingBar
            waiting={waiting}
            onShow={() => firstWaiting(page.current)?.focus()}
          />
          <Composer
            state={state}
            choosingMode={choosingMode}
            setChoosingMode={setChoosingMode}
            picking={picking}
            setPicking={setPicking}
            inputRef={input}
          />
        </div>
        {drawer && (
          <SessionsDrawer state={state} onClose={() => setDrawer(false)} />
        )}
      </div>
      <Banners state={state} />
      <div className="jp-agent-spoken" role="status" aria-live="polite">
        {spoken}
      </div>
    </div>
  );
}
