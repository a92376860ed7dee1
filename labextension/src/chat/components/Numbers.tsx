import React, { useEffect, useId, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { useChat } from '../context';
import type { IExchange } from '../model';
import { seconds } from '../../ui/words';
import { money, tokens } from '../wording';

/** Milliseconds that a pointer rests before something opens. */
const REST = 350;

function count(value: number): string {
  return new Intl.NumberFormat().format(value);
}

/** What an answer took: the numbers that matter in its head, all of them when one turns to it. */
export function Numbers(props: {
  exchange: IExchange;
  modelName: string | null;
  providerName: string | null;
}): JSX.Element | null {
  const { controller, trans, turns } = useChat();
  const { usage, durationMs, answeredAt, turnId } = props.exchange;
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  /** `held`: until it is closed. `passing`: while one is on it. */
  const [open, setOpen] = useState<'held' | 'passing' | null>(null);
  const [place, setPlace] = useState<React.CSSProperties>({});
  /** Over everything else of the panel, where nothing cuts it off. */
  const [root, setRoot] = useState<Element | null>(null);
  const used = usage !== null && usage.input + usage.output > 0;

  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!open) {
      return;
    }
    const close = () => setOpen(null);
    const away = (event: PointerEvent) => {
      const target = event.target as Node;
      if (
        !button.current?.contains(target) &&
        !popover.current?.contains(target)
      ) {
        close();
      }
    };
    const scroller = button.current?.closest('.jp-agent-Transcript-scroller');
    document.addEventListener('pointerdown', away, true);
    scroller?.addEventListener('scroll', close);
    return () => {
      document.removeEventListener('pointerdown', away, true);
      scroller?.removeEventListener('scroll', close);
    };
  }, [open]);

  if (!used && !(durationMs !== null && durationMs > 0)) {
    return null;
  }
  const show = (how: 'held' | 'passing') => {
    clearTimeout(timer.current);
    const panel = button.current!.closest('.jp-agent-Chat')!;
    const outer = panel.getBoundingClientRect();
    setRoot(panel);
    const box = button.current!.getBoundingClientRect();
    const above = box.bottom - outer.top > outer.height * 0.6;
    setPlace({
      insetInlineEnd: Math.max(8, outer.right - box.right),
      ...(above
        ? { bottom: outer.bottom - box.top + 2 }
        : { top: box.bottom - outer.top + 2 })
    });
    setOpen(how);
  };
  const leave = () => {
    clearTimeout(timer.current);
    if (open === 'passing') {
      timer.current = setTimeout(() => setOpen(null), 150);
    }
  };
  const inspect =
    turns && turnId
      ? () =>
          void turns
            .open(turnId)
            .catch((error: unknown) => controller.report(error))
      : null;
  const rows: [string, string][] = [];
  if (used) {
    rows.push([trans.__('Input'), trans.__('%1 tokens', count(usage.input))]);
    rows.push([trans.__('Output'), trans.__('%1 tokens', count(usage.output))]);
    if (usage.cache_read > 0) {
      rows.push([
        trans.__('Read from the cache'),
        trans.__('%1 tokens', count(usage.cache_read))
      ]);
    }
    if (usage.cache_write > 0) {
      rows.push([
        trans.__('Written to the cache'),
        trans.__('%1 tokens', count(usage.cache_write))
      ]);
    }
    if (usage.requests > 1) {
      rows.push([trans.__('Requests to the model'), count(usage.requests)]);
    }
    rows.push([
      trans.__('Cost'),
      usage.cost === null
        ? trans.__('no price known')
        : Number(usage.cost) === 0
          ? trans.__('free')
          : money(usage.cost)
    ]);
  }
  if (durationMs !== null && durationMs > 0) {
    rows.push([trans.__('Time'), seconds(durationMs, trans)]);
  }
  if (answeredAt !== null) {
    rows.push([
      trans.__('Answered'),
      new Date(answeredAt).toLocaleString(undefined, {
        dateStyle: 'medium',
        timeStyle: 'short'
      })
    ]);
  }
  if (props.modelName) {
    rows.push([trans.__('Model'), props.modelName]);
  }
  if (props.providerName) {
    rows.push([trans.__('Provider'), props.providerName]);
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        className="jp-agent-Numbers"
        aria-expanded={inspect ? undefined : open !== null}
        aria-describedby={open ? id : undefined}
        onClick={() => {
          if (inspect) {
            clearTimeout(timer.current);
            setOpen(null);
            inspect();
          } else if (open === 'held') {
            setOpen(null);
          } else {
            show('held');
          }
        }}
        onFocus={event => {
          if (event.currentTarget.matches(':focus-visible')) {
            show('passing');
          }
        }}
        onBlur={() => setOpen(null)}
        onPointerEnter={() => {
          if (!open) {
            timer.current = setTimeout(() => show('passing'), REST);
          }
        }}
        onPointerLeave={leave}
        onKeyDown={event => {
          if (event.key === 'Escape' && open) {
            event.stopPropagation();
            event.preventDefault();
            setOpen(null);
          }
        }}
      >
        {used ? (
          <>
            {tokens(usage)}
            {/* Where the cost stands beside it, it is clear to the eye what it counts. */}
            <span className={usage.cost === null ? '' : 'jp-agent-hidden'}>
              {' '}
              {trans.__('tokens')}
            </span>
            {usage.cost !== null &&
              ` · ${Number(usage.cost) === 0 ? trans.__('free') : money(usage.cost)}`}
          </>
        ) : (
          seconds(durationMs!, trans)
        )}
      </button>
      {open &&
        root &&
        createPortal(
          <div
            ref={popover}
            id={id}
            role="tooltip"
            className="jp-agent-Details"
            style={place}
            onPointerEnter={() => clearTimeout(timer.current)}
            onPointerLeave={leave}
          >
            <dl>
              {rows.map(([name, value]) => (
                <React.Fragment key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </React.Fragment>
              ))}
            </dl>
            {inspect && (
              <div className="jp-agent-Details-hint">
                {trans.__('Press to see how it came about')}
              </div>
            )}
          </div>,
          root
        )}
    </>
  );
}
