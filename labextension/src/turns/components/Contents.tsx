import { caretRightIcon, closeIcon, copyIcon } from '@jupyterlab/ui-components';
import React, { memo, useEffect, useMemo, useRef, useState } from 'react';
import type { ContextPart, IContextItem } from '../../api/types';
import { CopyText } from '../../ui/CopyText';
import { IconButton } from '../../ui/IconButton';
import { messageOf } from '../../ui/words';
import { visible } from '../../tools/words';
import { useTurns } from '../context';
import type { ITurnSource } from '../inspection';
import { matches, partLabel, roleLabel, select } from '../parts';

/** Characters of one content that are shown at first. */
const CUT = 4000;
/** Of those with what is looked for in it, how much stands before it. */
const BEFORE = 400;
/** So many items of a part are open at first. */
const FEW = 3;
/** Items that are drawn at first. */
const MANY = 60;

/** A text with what is looked for marked in it. */
function Marked(props: { text: string; query: string }): JSX.Element {
  const { text, query } = props;
  const found = matches(text, query);
  if (found.length === 0) {
    return <>{visible(text)}</>;
  }
  const pieces: React.ReactNode[] = [];
  let at = 0;
  found.forEach(([from, to]) => {
    pieces.push(visible(text.slice(at, from)));
    pieces.push(<mark key={from}>{visible(text.slice(from, to))}</mark>);
    at = to;
  });
  pieces.push(visible(text.slice(at)));
  return <>{pieces}</>;
}

const Item = memo(function Item(props: {
  item: IContextItem;
  query: string;
  open: boolean;
}): JSX.Element {
  const { trans, numbers } = useTurns();
  const { item, query } = props;
  const content = item.content ?? '';
  const [whole, setWhole] = useState(false);
  const [open, setOpen] = useState(props.open);
  const [wanted, setWanted] = useState(props.open);
  if (wanted !== props.open) {
    // A search opens what it found.
    setWanted(props.open);
    setOpen(props.open);
  }
  const first = matches(content, query)[0]?.[0] ?? 0;
  const from = whole || first < CUT ? 0 : Math.max(0, first - BEFORE);
  const cut = !whole && content.length > CUT;
  const shown = cut ? content.slice(from, from + CUT) : content;
  const hits = query.trim() === '' ? 0 : matches(content, query).length;
  return (
    <li className="jp-agent-Sent-item" data-part={item.part}>
      <details
        className="jp-agent-Fold"
        open={open}
        onToggle={event => setOpen(event.currentTarget.open)}
      >
        <summary>
          <caretRightIcon.react tag="span" className="jp-agent-Fold-caret" />
          <span className="jp-agent-Sent-role">
            {roleLabel(item.role, trans)}
          </span>
          <span className="jp-agent-Fold-title" title={item.title}>
            {item.title}
          </span>
          {hits > 0 && (
            <span className="jp-agent-Sent-hits">
              {trans._n('%1 hit', '%1 hits', hits)}
            </span>
          )}
          <span className="jp-agent-Tool-time">
            {trans._n(
              '%2 token',
              '%2 tokens',
              item.tokens,
              numbers.count(item.tokens)
            )}
          </span>
        </summary>
        {open && (
          <div className="jp-agent-Sent-body">
            <CopyText
              text={() => content}
              label={trans.__('Copy “%1”', item.title)}
              icon={copyIcon}
              trans={trans}
            />
            <pre tabIndex={0} aria-label={item.title}>
              {from > 0 && trans.__('…')}
              <Marked text={shown} query={query} />
              {cut && from + CUT < content.length && trans.__('…')}
            </pre>
            {content === '' && (
              <p className="jp-agent-Inspector-note">
                {item.content === null
                  ? trans.__(
                      'What stood here was not kept: the server is set to keep sizes only.'
                    )
                  : trans.__('There is nothing in it.')}
              </p>
            )}
            {cut && (
              <button
                type="button"
                className="jp-agent-link"
                onClick={() => setWhole(true)}
              >
                {trans.__(
                  'Show all of it (%1 characters)',
                  numbers.count(content.length)
                )}
              </button>
            )}
          </div>
        )}
      </details>
    </li>
  );
});

/** Exactly what was sent in a request: of one part, or all. */
export function Contents(props: {
  contents: NonNullable<ITurnSource['contents']>;
  requestId: string;
  /** Changes when it was counted anew. */
  version: string;
  part: ContextPart | null;
  /** Puts it away. */
  onClose?: () => void;
}): JSX.Element {
  const { trans, numbers } = useTurns();
  const { contents, requestId, version, part } = props;
  const [items, setItems] = useState<readonly IContextItem[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [query, setQuery] = useState('');
  const [many, setMany] = useState(MANY);
  const [tries, setTries] = useState(0);
  const label =
    part === null ? trans.__('Messages as sent') : partLabel(part, trans);
  const node = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let gone = false;
    contents(requestId)
      .then(snapshot => {
        if (!gone) {
          setItems(snapshot.items);
          setProblem(null);
        }
      })
      .catch((error: unknown) => {
        if (!gone) {
          setProblem(messageOf(error));
        }
      });
    return () => {
      gone = true;
    };
  }, [contents, requestId, version, tries]);

  const { onClose } = props;
  useEffect(() => {
    const group = node.current!;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && onClose) {
        event.stopPropagation();
        onClose();
      }
    };
    group.addEventListener('keydown', onKey);
    return () => group.removeEventListener('keydown', onKey);
  }, [onClose]);

  const ofPart = useMemo(() => select(items ?? [], part, ''), [items, part]);
  const found = useMemo(
    () => select(items ?? [], part, query),
    [items, part, query]
  );
  const searching = query.trim() !== '';
  return (
    <div
      ref={node}
      className="jp-agent-Sent"
      role="group"
      aria-label={trans.__('Sent: %1', label)}
    >
      <div className="jp-agent-Sent-head">
        <h4 tabIndex={-1}>{label}</h4>
        <input
          type="search"
          className="jp-agent-input"
          value={query}
          placeholder={trans.__('Search')}
          aria-label={trans.__('Search in %1', label)}
          onChange={event => {
            setQuery(event.target.value);
            setMany(MANY);
          }}
        />
        <CopyText
          text={() =>
            ofPart
              .map(item => `# ${item.role}: ${item.title}\n\n${item.content}`)
              .join('\n\n')
          }
          label={trans.__('Copy all')}
          icon={copyIcon}
          trans={trans}
        />
        {onClose && (
          <IconButton
            icon={closeIcon}
            label={trans.__('Close')}
            onClick={onClose}
          />
        )}
      </div>
      {problem !== null && (
        <div className="jp-agent-Inspector-problem" role="alert">
          <span>{problem}</span>
          <button
            type="button"
            className="jp-agent-button"
            onClick={() => setTries(tries + 1)}
          >
            {trans.__('Try again')}
          </button>
        </div>
      )}
      {items === null && problem === null && (
        <p className="jp-agent-Inspector-note">{trans.__('Loading…')}</p>
      )}
      {items !== null && (
        <>
          <p className="jp-agent-spoken" role="status">
            {searching
              ? trans._n('%1 item found', '%1 items found', found.length)
              : ''}
          </p>
          {found.length === 0 && (
            <p className="jp-agent-Inspector-note">
              {searching
                ? trans.__('Nothing of this was sent.')
                : trans.__('There is nothing in it.')}
            </p>
          )}
          <ul className="jp-agent-Sent-list">
            {found.slice(0, many).map((item, at) => (
              <Item
                key={`${item.sha256}-${at}`}
                item={item}
                query={query}
                open={searching || ofPart.length <= FEW}
              />
            ))}
          </ul>
          {found.length > many && (
            <button
              type="button"
              className="jp-agent-button"
              onClick={() => setMany(many + 4 * MANY)}
            >
              {trans.__(
                'Show more (%1 of %2)',
                numbers.count(many),
                numbers.count(found.length)
              )}
            </button>
          )}
        </>
      )}
    </div>
  );
}
