import React, { useEffect, useMemo, useState } from 'react';
import type { IContextItem, IContextSnapshot, ITurn } from '../../api/types';
import { DataTable, StackedBar, Swatch, type IShownPart } from '../../charts';
import { DiffView } from '../../tools/diff';
import { visible } from '../../tools/words';
import { Fold } from '../../ui/Fold';
import { messageOf, seconds } from '../../ui/words';
import { compareContexts } from '../compare';
import { useTurns } from '../context';
import { partLabel, PARTS, roleLabel } from '../parts';
import { costText, durationOf, statusOf } from '../words';
import { RequestChooser } from './ContextSection';
import { useNow } from './Head';
import { Nothing, Section } from './Section';

/** Characters of something that are shown at first. */
const CUT = 4000;

interface ISide {
  turn: ITurn;
  snapshots: readonly IContextSnapshot[];
}

function Side(props: {
  side: ISide;
  name: string;
  at: number;
  onAt: (at: number) => void;
}): JSX.Element {
  const { trans, numbers, turns } = useTurns();
  const { side, name, at, onAt } = props;
  const { turn, snapshots } = side;
  const now = useNow(turn.status !== 'finished');
  const facts: [string, string][] = [
    [
      trans.__('Model'),
      [turn.provider, turn.model].filter(Boolean).join(' / ') || trans.__('–')
    ],
    [
      trans.__('Tokens'),
      trans.__(
        '%1 in, %2 out',
        numbers.count(turn.usage.input),
        numbers.count(turn.usage.output)
      )
    ],
    [trans.__('Cost'), costText(turn.usage, numbers, trans)],
    [trans.__('Time'), seconds(durationOf(turn, now), trans)],
    [trans.__('End'), statusOf(turn, trans).label]
  ];
  return (
    <section className="jp-agent-Compare-side" aria-label={name}>
      <h3>{name}</h3>
      <button
        type="button"
        className="jp-agent-link"
        title={turn.message}
        onClick={() => void turns.open(turn.id)}
      >
        {turn.message || trans.__('(no words)')}
      </button>
      <dl className="jp-agent-Facts">
        {facts.map(([fact, value]) => (
          <div key={fact}>
            <dt>{fact}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <RequestChooser
        snapshots={snapshots}
        at={at}
        onAt={onAt}
        label={trans.__('Model request: %1', name)}
      />
    </section>
  );
}

function Text(props: { item: IContextItem }): JSX.Element {
  const { trans, numbers } = useTurns();
  const content = props.item.content ?? '';
  const [whole, setWhole] = useState(false);
  const cut = !whole && content.length > CUT;
  return (
    <>
      <pre className="jp-agent-Compare-text" tabIndex={0}>
        {visible(cut ? content.slice(0, CUT) : content)}
        {cut && trans.__('…')}
      </pre>
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
    </>
  );
}

function ItemLine(props: { item: IContextItem }): JSX.Element {
  const { trans, numbers } = useTurns();
  const { item } = props;
  return (
    <>
      <Swatch hue={PARTS.indexOf(item.part)} />
      <span className="jp-agent-Sent-role">{roleLabel(item.role, trans)}</span>
      <span className="jp-agent-Fold-title" title={item.title}>
        {trans.__('%1: %2', partLabel(item.part, trans), item.title)}
      </span>
      <span className="jp-agent-Tool-time">
        {trans._n(
          '%2 token',
          '%2 tokens',
          item.tokens,
          numbers.count(item.tokens)
        )}
      </span>
    </>
  );
}

function Items(props: {
  items: readonly IContextItem[];
  nothing: string;
}): JSX.Element {
  return props.items.length === 0 ? (
    <Nothing>{props.nothing}</Nothing>
  ) : (
    <ul className="jp-agent-Sent-list">
      {props.items.map((item, at) => (
        <li key={`${item.sha256}-${at}`} className="jp-agent-Sent-item">
          <Fold
            className="jp-agent-Compare-item"
            summary={<ItemLine item={item} />}
          >
            <Text item={item} />
          </Fold>
        </li>
      ))}
    </ul>
  );
}

/** The contexts of two requests beside each other. */
function Difference(props: {
  first: IContextSnapshot;
  second: IContextSnapshot;
}): JSX.Element {
  const { trans, numbers } = useTurns();
  const { first, second } = props;
  const change = useMemo(() => compareContexts(first, second), [first, second]);
  const most = Math.max(first.total, second.total);
  const bar = (which: 'first' | 'second'): IShownPart[] =>
    change.parts.map(({ part, ...tokens }) => ({
      key: part,
      label: partLabel(part, trans),
      value: tokens[which],
      hue: PARTS.indexOf(part),
      text: trans.__('%1 tokens', numbers.count(tokens[which]))
    }));
  const signed = (value: number) =>
    value > 0 ? trans.__('+%1', numbers.count(value)) : numbers.count(value);
  return (
    <>
      <Section name="parts" title={trans.__('Tokens by part')}>
        <div className="jp-agent-Compare-bars">
          <span>{trans.__('First')}</span>
          <StackedBar
            label={trans.__('First: %1 tokens', numbers.count(first.total))}
            parts={bar('first')}
            total={most}
            height={18}
          />
          <span>{trans.__('Second')}</span>
          <StackedBar
            label={trans.__('Second: %1 tokens', numbers.count(second.total))}
            parts={bar('second')}
            total={most}
            height={18}
          />
        </div>
        <DataTable
          caption={trans.__('Tokens by part of both contexts')}
          rows={change.parts}
          rowKey={row => row.part}
          trans={trans}
          page={20}
          columns={[
            {
              key: 'part',
              label: trans.__('Part'),
              cell: row => (
                <span className="jp-agent-Parts-name">
                  <Swatch hue={PARTS.indexOf(row.part)} />
                  {partLabel(row.part, trans)}
                </span>
              )
            },
            {
              key: 'first',
              label: trans.__('First'),
              numeric: true,
              cell: row => numbers.count(row.first)
            },
            {
              key: 'second',
              label: trans.__('Second'),
              numeric: true,
              cell: row => numbers.count(row.second)
            },
            {
              key: 'change',
              label: trans.__('Change'),
              numeric: true,
              cell: row => signed(row.second - row.first),
              by: row => row.second - row.first
            }
          ]}
          footer={
            <tr>
              <th scope="row">{trans.__('Sent')}</th>
              <td data-numeric="true">{numbers.count(first.total)}</td>
              <td data-numeric="true">{numbers.count(second.total)}</td>
              <td data-numeric="true">{signed(second.total - first.total)}</td>
            </tr>
          }
        />
        <p className="jp-agent-Inspector-line">
          {trans._n(
            '%1 item is the same in both (%2 tokens).',
            '%1 items are the same in both (%2 tokens).',
            change.same,
            numbers.count(change.sameTokens)
          )}
        </p>
      </Section>
      <Section name="changed" title={trans.__('Changed')}>
        {change.changed.length === 0 ? (
          <Nothing>{trans.__('Nothing was sent with other words.')}</Nothing>
        ) : (
          <ul className="jp-agent-Sent-list">
            {change.changed.map((one, at) => (
              <li key={at} className="jp-agent-Sent-item">
                <Fold
                  className="jp-agent-Compare-item"
                  open={change.changed.length === 1}
                  summary={<ItemLine item={one.second} />}
                >
                  <DiffView
                    before={one.first.content ?? ''}
                    after={one.second.content ?? ''}
                    mode="side"
                    label={one.second.title}
                    trans={trans}
                  />
                </Fold>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section name="removed" title={trans.__('Only in the first')}>
        <Items
          items={change.removed}
          nothing={trans.__('Nothing that is not in the second.')}
        />
      </Section>
      <Section name="added" title={trans.__('Only in the second')}>
        <Items
          items={change.added}
          nothing={trans.__('Nothing that is not in the first.')}
        />
      </Section>
    </>
  );
}

/** What is different between what the model saw in two turns. */
export function Compare(props: { first: string; second: string }): JSX.Element {
  const { client, trans } = useTurns();
  const { first, second } = props;
  const [sides, setSides] = useState<readonly [ISide, ISide] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  const [at, setAt] = useState<readonly [number, number]>([0, 0]);
  const [full, setFull] = useState<
    readonly [IContextSnapshot, IContextSnapshot] | null
  >(null);

  useEffect(() => {
    let gone = false;
    const read = async (turnId: string): Promise<ISide> => {
      const [turn, { items }] = await Promise.all([
        client.getTurn(turnId),
        client.turnContext(turnId)
      ]);
      return { turn, snapshots: items };
    };
    Promise.all([read(first), read(second)])
      .then(found => {
        if (!gone) {
          setSides(found);
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
  }, [client, first, second, tries]);

  const ids = [
    sides?.[0].snapshots[at[0]]?.id,
    sides?.[1].snapshots[at[1]]?.id
  ] as const;
  const [firstId, secondId] = ids;
  useEffect(() => {
    if (!firstId || !secondId) {
      return;
    }
    let gone = false;
    Promise.all([
      client.contextSnapshot(first, firstId),
      client.contextSnapshot(second, secondId)
    ])
      .then(found => {
        if (!gone) {
          setFull(found);
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
  }, [client, first, second, firstId, secondId, tries]);

  return (
    <div className="jp-agent-Inspector jp-agent-Compare">
      {problem && (
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
      {sides === null ? (
        problem === null && (
          <p className="jp-agent-Inspector-note" role="status">
            {trans.__('Loading…')}
          </p>
        )
      ) : (
        <div className="jp-agent-Compare-sides">
          <Side
            side={sides[0]}
            name={trans.__('First')}
            at={at[0]}
            onAt={value => setAt([value, at[1]])}
          />
          <Side
            side={sides[1]}
            name={trans.__('Second')}
            at={at[1]}
            onAt={value => setAt([at[0], value])}
          />
        </div>
      )}
      {sides !== null && (!firstId || !secondId) && (
        <Nothing>
          {trans.__('What the model saw was not recorded of both.')}
        </Nothing>
      )}
      {full !== null && firstId && secondId && (
        <Difference first={full[0]} second={full[1]} />
      )}
    </div>
  );
}
