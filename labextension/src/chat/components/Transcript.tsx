import { caretDownIcon } from '@jupyterlab/ui-components';
import React, { useCallback, useEffect, useRef, useState } from 'react';
import type { IModel } from '../../api/types';
import { useChat } from '../context';
import type { IChatState } from '../controller';
import type { IExchange } from '../model';
import { Exchange } from './Exchange';

const NEAR_END = 32;

/**
 * Follows the end while the reader is there; scrolling up stops it. What is being read stays where it is, because
 * nothing above it changes its height.
 */
function useFollowing(
  sentKey: string | undefined,
  empty: boolean
): {
  scroller: React.RefObject<HTMLDivElement>;
  content: React.RefObject<HTMLDivElement>;
  away: boolean;
  toEnd: () => void;
} {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(!empty);
  const lastTop = useRef(0);
  const [away, setAway] = useState(false);

  const toEnd = useCallback(() => {
    const node = scroller.current;
    if (node) {
      following.current = true;
      node.scrollTop = node.scrollHeight;
      lastTop.current = node.scrollTop;
      setAway(false);
    }
  }, []);

  useEffect(() => {
    const node = scroller.current!;
    const onScroll = () => {
      const distance = node.scrollHeight - node.clientHeight - node.scrollTop;
      if (distance <= NEAR_END) {
        following.current = true;
      } else if (node.scrollTop < lastTop.current - 1) {
        // Only the reader scrolls up; growth never does.
        following.current = false;
      }
      lastTop.current = node.scrollTop;
      setAway(!following.current);
    };
    const keep = () => {
      if (following.current) {
        node.scrollTop = node.scrollHeight;
        lastTop.current = node.scrollTop;
      }
    };
    const observer = new ResizeObserver(keep);
    observer.observe(content.current!);
    observer.observe(node);
    node.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      node.removeEventListener('scroll', onScroll);
    };
  }, []);

  useEffect(() => {
    if (!empty) {
      toEnd();
    } else {
      // What an empty chat shows is read from its start.
      following.current = false;
      scroller.current!.scrollTop = 0;
    }
  }, [sentKey, empty, toEnd]);

  return { scroller, content, away, toEnd };
}

function nameOf(exchange: IExchange, models: readonly IModel[]): string | null {
  if (!exchange.model) {
    return null;
  }
  return (
    models.find(
      item =>
        item.id === exchange.model &&
        (!exchange.provider || item.provider === exchange.provider)
    )?.name ?? exchange.model
  );
}

/** The conversation. */
export function Transcript(props: {
  state: IChatState;
  onModel: () => void;
  empty: React.ReactNode;
}): JSX.Element {
  const { controller, trans } = useChat();
  const { conversation, models, opening } = props.state;
  const { exchanges } = conversation;
  const sent = [...exchanges]
    .reverse()
    .find(exchange => exchange.idempotencyKey !== null);
  const { scroller, content, away, toEnd } = useFollowing(
    sent?.key ?? conversation.session?.id,
    exchanges.length === 0
  );
  const busy = exchanges.some(
    exchange => exchange.state === 'running' || exchange.state === 'sending'
  );
  return (
    <div className="jp-agent-Transcript">
      <div
        className="jp-agent-Transcript-scroller"
        ref={scroller}
        role="region"
        aria-label={trans.__('Conversation')}
        tabIndex={0}
      >
        <div className="jp-agent-Transcript-content" ref={content}>
          {conversation.earlier > 0 && (
            <button
              type="button"
              className="jp-agent-button jp-agent-Transcript-earlier"
              disabled={props.state.loadingEarlier}
              onClick={() => void controller.loadEarlier()}
            >
              {trans.__('Show earlier messages')}
            </button>
          )}
          {exchanges.map(exchange => (
            <Exchange
              key={exchange.key}
              exchange={exchange}
              busy={busy}
              modelName={nameOf(exchange, models)}
              onModel={props.onModel}
            />
          ))}
          {opening && (
            <div className="jp-agent-Loading">{trans.__('Opening…')}</div>
          )}
          {exchanges.length === 0 && !opening && props.empty}
        </div>
      </div>
      {away && exchanges.length > 0 && (
        <button
          type="button"
          className="jp-agent-Transcript-new"
          onClick={toEnd}
        >
          <caretDownIcon.react tag="span" className="jp-agent-icon" />
          {busy ? trans.__('New text below') : trans.__('To the end')}
        </button>
      )}
    </div>
  );
}
