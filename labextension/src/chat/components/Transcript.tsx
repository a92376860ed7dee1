import { caretDownIcon } from '@jupyterlab/ui-components';
import React, {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState
} from 'react';
import type { IModel } from '../../api/types';
import { branchIcon } from '../../icons';
import { useChat } from '../context';
import type { IChatState } from '../controller';
import { plainPreview } from '../drawer';
import { DrawQueue } from '../drawing';
import type { IExchange } from '../model';
import { parserLoaded } from '../parser';
import { Exchange } from './Exchange';
import { NearContext, watchInside, type WatchNear } from './near';
import { PlaceKeeper } from './PlaceKeeper';

const NEAR_END = 32;

/**
 * Follows the end while the reader is there; scrolling up stops it. What is being read stays where it is, because
 * nothing above it changes its height.
 */
function useFollowing(
  sentKey: string | undefined,
  empty: boolean,
  elsewhere: boolean
): {
  scroller: React.RefObject<HTMLDivElement>;
  content: React.RefObject<HTMLDivElement>;
  away: boolean;
  toEnd: () => void;
  letGo: () => void;
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

  /** Something else than the end is to be seen, where that is not in sight as well. */
  const letGo = useCallback(() => {
    following.current = false;
    requestAnimationFrame(() => {
      const node = scroller.current;
      if (node) {
        lastTop.current = node.scrollTop;
        const distance = node.scrollHeight - node.clientHeight - node.scrollTop;
        setAway(distance > NEAR_END);
      }
    });
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

  const elsewhereNow = useRef(elsewhere);
  useLayoutEffect(() => {
    elsewhereNow.current = elsewhere;
  });
  useEffect(() => {
    if (empty) {
      // What an empty chat shows is read from its start.
      following.current = false;
      scroller.current!.scrollTop = 0;
    } else if (!elsewhereNow.current) {
      toEnd();
    }
  }, [sentKey, empty, toEnd]);

  return { scroller, content, away, toEnd, letGo };
}

/** Where the conversation came from: the way back. */
function Origin(props: { state: IChatState }): JSX.Element | null {
  const { controller, trans } = useChat();
  const { origin } = props.state;
  if (!origin) {
    return null;
  }
  const title =
    origin.title || plainPreview(origin.preview ?? '') || trans.__('Untitled');
  return (
    <div className="jp-agent-Origin">
      <branchIcon.react tag="span" className="jp-agent-icon" />
      <span>{trans.__('Branched from')}</span>
      <button
        type="button"
        className="jp-agent-link"
        onClick={() => void controller.openSession(origin.id)}
      >
        {title}
      </button>
    </div>
  );
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

function providerOf(
  exchange: IExchange,
  models: readonly IModel[]
): string | null {
  return (
    models.find(item => item.provider === exchange.provider)?.provider_name ??
    exchange.provider
  );
}

/** The conversation. */
export function Transcript(props: {
  state: IChatState;
  onModel: () => void;
  empty: React.ReactNode;
}): JSX.Element {
  const { controller, rendermime, trans } = useChat();
  const { conversation, models, opening, wanted } = props.state;
  const { exchanges } = conversation;
  const sent = [...exchanges]
    .reverse()
    .find(exchange => exchange.idempotencyKey !== null);
  const { scroller, content, away, toEnd, letGo } = useFollowing(
    sent?.key ?? conversation.session?.id,
    exchanges.length === 0,
    wanted !== null
  );
  const [queue] = useState(() => new DrawQueue());
  const [watch, setWatch] = useState<WatchNear | null>(null);
  useEffect(() => {
    const [inside, stop] = watchInside(scroller.current!);
    setWatch(() => inside);
    return stop;
  }, [scroller]);
  useEffect(() => {
    // Before it is needed: while there is a network, and so that the first answer need not wait for it.
    parserLoaded(rendermime).catch(() => undefined);
  }, [rendermime]);
  const near = useMemo(() => ({ watch, queue }), [watch, queue]);
  const arrived = useCallback(() => controller.arrived(), [controller]);
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
          <Origin state={props.state} />
          <NearContext.Provider value={near}>
            {exchanges.map((exchange, at) => (
              <Exchange
                key={exchange.key}
                exchange={exchange}
                busy={busy}
                last={at === exchanges.length - 1}
                modelName={nameOf(exchange, models)}
                providerName={providerOf(exchange, models)}
                onModel={props.onModel}
              />
            ))}
          </NearContext.Provider>
          {opening && exchanges.length === 0 && (
            <div className="jp-agent-Loading">{trans.__('Opening…')}</div>
          )}
          {exchanges.length === 0 && !opening && props.empty}
        </div>
      </div>
      <PlaceKeeper
        scroller={scroller}
        conversation={conversation}
        wanted={wanted}
        letGo={letGo}
        onArrived={arrived}
      />
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
