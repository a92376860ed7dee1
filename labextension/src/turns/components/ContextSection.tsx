import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef } from 'react';
import type { ContextPart, IContextSnapshot, ILeftOut } from '../../api/types';
import { StackedBar, Swatch, type IShownPart } from '../../charts';
import { IconButton } from '../../ui/IconButton';
import { useTurns } from '../context';
import type { ITurnSource } from '../inspection';
import {
  isPart,
  leftOutLabel,
  partLabel,
  PARTS,
  roomOf,
  segments,
  sourceLabel
} from '../parts';
import { Contents } from './Contents';
import { Nothing } from './Section';

/** The name of a request in the chooser. */
function useRequestName(): (
  snapshot: IContextSnapshot,
  at: number,
  of: number
) => string {
  const { trans, numbers } = useTurns();
  return (snapshot, at, of) => {
    const what =
      snapshot.purpose === 'reflection'
        ? trans.__('report %1 of %2', at + 1, of)
        : trans.__('request %1 of %2', at + 1, of);
    const failed = snapshot.error_code ? trans.__(', failed') : '';
    return trans.__(
      '%1: %2 tokens, %3%4',
      what,
      numbers.count(snapshot.total),
      snapshot.model,
      failed
    );
  };
}

/** Which of a turn's model requests is looked at. */
export function RequestChooser(props: {
  snapshots: readonly IContextSnapshot[];
  at: number;
  onAt: (at: number) => void;
  label?: string;
}): JSX.Element | null {
  const { trans } = useTurns();
  const { snapshots, at, onAt } = props;
  const name = useRequestName();
  if (snapshots.length < 2) {
    return null;
  }
  return (
    <div className="jp-agent-Requests">
      <IconButton
        icon={caretLeftIcon}
        label={trans.__('Request before')}
        disabled={at === 0}
        onClick={() => onAt(at - 1)}
      />
      <select
        className="jp-agent-input"
        aria-label={props.label ?? trans.__('Model request')}
        value={at}
        onChange={event => onAt(Number(event.target.value))}
      >
        {snapshots.map((one, index) => (
          <option key={one.id} value={index}>
            {name(one, index, snapshots.length)}
          </option>
        ))}
      </select>
      <IconButton
        icon={caretRightIcon}
        label={trans.__('Next request')}
        disabled={at >= snapshots.length - 1}
        onClick={() => onAt(at + 1)}
      />
    </div>
  );
}

/** The bar by parts, and the table of the same numbers. */
export function PartsBar(props: {
  snapshot: IContextSnapshot;
  picked: ContextPart | null;
  /** Null where the contents are not at hand. */
  onPick: ((part: ContextPart) => void) | null;
}): JSX.Element {
  const { trans, numbers } = useTurns();
  const { snapshot, picked, onPick } = props;
  const { total } = snapshot;
  const room = roomOf(snapshot);
  const found = segments(snapshot);
  const shown: IShownPart[] = found.map(({ part, tokens, share }) => ({
    key: part,
    label: part === 'free' ? trans.__('Free') : partLabel(part, trans),
    value: tokens,
    hue: part === 'free' ? 0 : PARTS.indexOf(part),
    empty: part === 'free',
    text: trans.__(
      '%1 tokens, %2',
      numbers.count(tokens),
      numbers.percent(share, share < 0.01 ? 1 : 0)
    )
  }));
  const pick = (key: string) => {
    if (isPart(key)) {
      onPick?.(key);
    }
  };
  return (
    <div className="jp-agent-Parts">
      <StackedBar
        label={
          room === null
            ? trans.__('Context: %1 tokens', numbers.count(total))
            : trans.__(
                'Context: %1 of %2 tokens',
                numbers.count(total),
                numbers.count(room)
              )
        }
        parts={shown}
        total={room ?? undefined}
        picked={picked}
        onPick={onPick ? pick : undefined}
        height={26}
      />
      <table className="jp-agent-Table">
        <caption className="jp-agent-spoken">
          {trans.__('Tokens by part of the context')}
        </caption>
        <thead className="jp-agent-spoken">
          <tr>
            <th scope="col">{trans.__('Part')}</th>
            <th scope="col">{trans.__('Tokens')}</th>
            <th scope="col">{trans.__('Share')}</th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ part, tokens, share }) => (
            <tr key={part} data-part={part} data-picked={picked === part}>
              <th scope="row">
                {part === 'free' ? (
                  <span className="jp-agent-Parts-name">
                    <span className="jp-agent-Parts-free" />
                    {trans.__('Free')}
                  </span>
                ) : onPick ? (
                  <button
                    type="button"
                    className="jp-agent-Parts-name"
                    aria-pressed={picked === part}
                    onClick={() => onPick(part)}
                  >
                    <Swatch hue={PARTS.indexOf(part)} />
                    <span>{partLabel(part, trans)}</span>
                  </button>
                ) : (
                  <span className="jp-agent-Parts-name">
                    <Swatch hue={PARTS.indexOf(part)} />
                    {partLabel(part, trans)}
                  </span>
                )}
              </th>
              <td>{numbers.count(tokens)}</td>
              <td>{numbers.percent(share, share < 0.01 ? 1 : 0)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{trans.__('Sent')}</th>
            <td>{numbers.count(total)}</td>
            <td>
              {room === null || room === 0 ? '' : numbers.percent(total / room)}
            </td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** What was left out, found, made shorter and read from the cache. */
function More(props: { snapshot: IContextSnapshot }): JSX.Element {
  const { trans, numbers } = useTurns();
  const { snapshot } = props;
  const { left_out, retrieved, compaction, cache, usage } = snapshot;
  const cacheKnown = cache.hit_rate !== null && cache.hit_rate !== undefined;
  const whatAndWhy = (one: ILeftOut, at: number) => (
    <li key={at}>
      {trans.__(
        '%1 (%2 tokens): %3',
        leftOutLabel(one, trans),
        numbers.count(one.tokens),
        one.reason
      )}
    </li>
  );
  return (
    <>
      {compaction && (
        <div className="jp-agent-Inspector-group">
          <h4>{trans.__('Made shorter')}</h4>
          <p>
            {compaction.strategy === 'summarize'
              ? trans.__(
                  'A summary stands for older messages: %1 tokens became %2. It is done from %3 tokens on.',
                  numbers.count(compaction.before),
                  numbers.count(compaction.after),
                  numbers.count(compaction.threshold)
                )
              : compaction.strategy === 'shorten'
                ? trans.__(
                    'Long results were cut: %1 tokens became %2. It is done from %3 tokens on.',
                    numbers.count(compaction.before),
                    numbers.count(compaction.after),
                    numbers.count(compaction.threshold)
                  )
                : trans.__(
                    'Older messages were left away: %1 tokens became %2. It is done from %3 tokens on.',
                    numbers.count(compaction.before),
                    numbers.count(compaction.after),
                    numbers.count(compaction.threshold)
                  )}
          </p>
          {(compaction.items?.length ?? 0) > 0 && (
            <ul>{compaction.items.map(whatAndWhy)}</ul>
          )}
        </div>
      )}
      {left_out.length > 0 && (
        <div className="jp-agent-Inspector-group">
          <h4>{trans.__('Left out')}</h4>
          <ul className="jp-agent-LeftOut">{left_out.map(whatAndWhy)}</ul>
        </div>
      )}
      {retrieved.length > 0 && (
        <div className="jp-agent-Inspector-group">
          <h4>{trans.__('Found and attached')}</h4>
          <ul className="jp-agent-Retrieved">
            {retrieved.map((one, at) => (
              <li key={at}>
                <div className="jp-agent-Retrieved-head">
                  <span
                    className="jp-agent-Retrieved-name"
                    title={one.path ?? one.name}
                  >
                    {one.name}
                  </span>
                  <span className="jp-agent-Tool-time">
                    {[
                      one.score === null || one.score === undefined
                        ? null
                        : trans.__('score %1', numbers.decimal(one.score, 2)),
                      trans.__('%1 tokens', numbers.count(one.tokens))
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </span>
                </div>
                {one.excerpt && (
                  <div className="jp-agent-Retrieved-excerpt">
                    {one.excerpt}
                  </div>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
      <dl className="jp-agent-Facts jp-mod-small">
        <div>
          <dt>{trans.__('Counted')}</dt>
          <dd>{sourceLabel(snapshot, trans)}</dd>
        </div>
        <div>
          <dt>{trans.__('History')}</dt>
          <dd>
            {trans.__(
              '%1 of %2 messages',
              numbers.count(snapshot.history_depth),
              numbers.count(snapshot.history_total)
            )}
          </dd>
        </div>
        <div>
          <dt>{trans.__('Complexity')}</dt>
          <dd>{snapshot.complexity}</dd>
        </div>
        <div>
          <dt>{trans.__('Provider’s cache')}</dt>
          <dd>
            {cacheKnown
              ? trans.__(
                  '%1 tokens read (%2), %3 written',
                  numbers.count(cache.read),
                  numbers.percent(cache.hit_rate!),
                  numbers.count(cache.write)
                )
              : trans.__('nothing said')}
          </dd>
        </div>
        <div>
          <dt>{trans.__('Answer')}</dt>
          <dd>
            {snapshot.error_code
              ? trans.__('failed: %1', snapshot.error_code)
              : trans.__('%1 tokens', numbers.count(usage.output))}
          </dd>
        </div>
      </dl>
    </>
  );
}

/** What the model saw: by parts, and in full. */
export function ContextSection(props: {
  source: ITurnSource;
  snapshots: readonly IContextSnapshot[];
  at: number;
  onAt: (at: number) => void;
  part: ContextPart | null;
  onPart: (part: ContextPart | null) => void;
}): JSX.Element {
  const { trans } = useTurns();
  const { source, snapshots, at, onAt, part, onPart } = props;
  const node = useRef<HTMLDivElement>(null);
  const snapshot = snapshots[at];
  const before = useRef(part);
  useEffect(() => {
    // Who put the contents away is at the part that they were of.
    if (before.current !== null && part === null) {
      node.current
        ?.querySelector<HTMLElement>(`tr[data-part="${before.current}"] button`)
        ?.focus();
    }
    before.current = part;
  }, [part]);
  if (!snapshot) {
    return (
      <Nothing>
        {trans.__(
          'What the model saw was not recorded: no request was made, or it was before that was done.'
        )}
      </Nothing>
    );
  }
  return (
    <div ref={node}>
      <RequestChooser snapshots={snapshots} at={at} onAt={onAt} />
      <PartsBar
        snapshot={snapshot}
        picked={part}
        onPick={
          source.contents
            ? picked => onPart(picked === part ? null : picked)
            : null
        }
      />
      {part !== null && source.contents && (
        <Contents
          key={`${snapshot.id}-${part}`}
          contents={source.contents}
          requestId={snapshot.id}
          version={`${snapshot.total}-${snapshot.source}`}
          part={part}
          onClose={() => onPart(null)}
        />
      )}
      <More snapshot={snapshot} />
    </div>
  );
}
