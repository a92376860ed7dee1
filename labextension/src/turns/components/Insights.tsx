import React, { useCallback, useEffect, useState } from 'react';
import type {
  IFeedback,
  ISession,
  ISessionInsights,
  ITurn
} from '../../api/types';
import { DataTable } from '../../charts';
import type { IPiece } from '../inspection';
import { messageOf, seconds } from '../../ui/words';
import { useTurns } from '../context';
import { costText, durationOf, gradeLabel, statusOf } from '../words';
import { Piece, Section } from './Section';
import { AskModel, Tips } from './Tips';

/** Turns of which the table has each. */
const MANY = 200;

interface IOfSession {
  session: ISession;
  insights: ISessionInsights;
  turns: readonly ITurn[];
  grades: ReadonlyMap<string, IFeedback>;
}

/** What the rules say about a conversation, its totals, its turns and their grades. */
export function Insights(props: { sessionId: string }): JSX.Element {
  const { activity, client, trans, numbers, turns } = useTurns();
  const { sessionId } = props;
  const [piece, setPiece] = useState<IPiece<IOfSession>>({
    value: null,
    problem: null
  });
  const read = useCallback(async () => {
    try {
      const [session, insights, listed, feedback] = await Promise.all([
        client.getSession(sessionId),
        client.sessionInsights(sessionId),
        client.listTurns(sessionId, { limit: MANY }),
        client.sessionFeedback(sessionId, { limit: 500 })
      ]);
      setPiece({
        value: {
          session,
          insights,
          turns: listed.items,
          grades: new Map(feedback.items.map(one => [one.turn_id, one]))
        },
        problem: null
      });
    } catch (error) {
      setPiece(before => ({ ...before, problem: messageOf(error) }));
    }
  }, [client, sessionId]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => void read(), ms);
    };
    const slot = (
      _: unknown,
      event: { topic: string; data: Record<string, unknown> }
    ) => {
      if (event.topic === 'turns') {
        const turn = event.data.turn as ITurn | undefined;
        if (
          (turn?.session_id ?? event.data.session_id) === sessionId &&
          (turn === undefined || turn.status === 'finished')
        ) {
          soon(400);
        }
      }
    };
    activity.event.connect(slot);
    soon(0);
    return () => {
      clearTimeout(timer);
      activity.event.disconnect(slot);
    };
  }, [activity, read, sessionId]);

  return (
    <div className="jp-agent-Inspector">
      <Piece piece={piece} again={() => void read()}>
        {({ session, insights, turns: listed, grades }) => {
          const { usage } = insights;
          const facts: [string, string][] = [
            [trans.__('Turns'), numbers.count(insights.turn_count)],
            [
              trans.__('Tokens'),
              trans.__(
                '%1 in, %2 out',
                numbers.count(usage.input),
                numbers.count(usage.output)
              )
            ],
            [trans.__('Cost'), costText(usage, numbers, trans)],
            [
              trans.__('Tool calls'),
              insights.tool_failures > 0
                ? trans.__(
                    '%1, %2 failed',
                    numbers.count(insights.tool_calls),
                    numbers.count(insights.tool_failures)
                  )
                : numbers.count(insights.tool_calls)
            ],
            [
              trans.__('Average grade'),
              insights.average_grade === null
                ? trans.__('none given')
                : trans.__(
                    '%1 of 5',
                    numbers.decimal(insights.average_grade, 1)
                  )
            ]
          ];
          return (
            <>
              <header className="jp-agent-Inspector-head">
                <div className="jp-agent-Inspector-name">
                  {session.title || trans.__('Untitled')}
                </div>
                <dl className="jp-agent-Facts">
                  {facts.map(([name, value]) => (
                    <div key={name}>
                      <dt>{name}</dt>
                      <dd>{value}</dd>
                    </div>
                  ))}
                </dl>
              </header>
              <Section name="insights" title={trans.__('What could be better')}>
                <Tips
                  tips={insights.insights}
                  place={{ sessionId, turnId: null }}
                  here={() => undefined}
                  nothing={trans.__(
                    'The rules found nothing to do better. Most of them need several turns.'
                  )}
                />
                <AskModel
                  analysis={insights.analysis}
                  analyze={async signal => {
                    const analysis = await client.analyzeSession(
                      sessionId,
                      signal
                    );
                    setPiece(before =>
                      before.value
                        ? {
                            ...before,
                            value: {
                              ...before.value,
                              insights: { ...before.value.insights, analysis }
                            }
                          }
                        : before
                    );
                  }}
                  hint={trans.__('One request; it costs what the model costs.')}
                />
              </Section>
              <Section name="turns" title={trans.__('Turns')}>
                <DataTable
                  caption={trans.__('Turns of this chat')}
                  rows={listed}
                  rowKey={row => row.id}
                  trans={trans}
                  empty={trans.__('Nothing was asked yet.')}
                  columns={[
                    {
                      key: 'message',
                      label: trans.__('Question'),
                      cell: row => (
                        <button
                          type="button"
                          className="jp-agent-link"
                          title={row.message}
                          onClick={() => void turns.open(row.id)}
                        >
                          {row.message || trans.__('(no words)')}
                        </button>
                      )
                    },
                    {
                      key: 'cost',
                      label: trans.__('Cost'),
                      numeric: true,
                      cell: row => costText(row.usage, numbers, trans),
                      by: row =>
                        row.usage.cost === null ? null : Number(row.usage.cost)
                    },
                    {
                      key: 'tokens',
                      label: trans.__('Tokens'),
                      numeric: true,
                      less: 1,
                      cell: row =>
                        numbers.count(row.usage.input + row.usage.output),
                      by: row => row.usage.input + row.usage.output
                    },
                    {
                      key: 'time',
                      label: trans.__('Time'),
                      numeric: true,
                      less: 2,
                      cell: row => seconds(durationOf(row, Date.now()), trans),
                      by: row => durationOf(row, Date.now())
                    },
                    {
                      key: 'end',
                      label: trans.__('End'),
                      less: 2,
                      cell: row => statusOf(row, trans).label
                    },
                    {
                      key: 'grade',
                      label: trans.__('Grade'),
                      numeric: true,
                      cell: row => {
                        const given = grades.get(row.id);
                        return given ? (
                          <span
                            title={
                              given.comment || gradeLabel(given.grade, trans)
                            }
                          >
                            {trans.__('%1/5', given.grade)}
                          </span>
                        ) : (
                          trans.__('–')
                        );
                      },
                      by: row => grades.get(row.id)?.grade ?? null
                    }
                  ]}
                />
              </Section>
            </>
          );
        }}
      </Piece>
    </div>
  );
}
