import React, { useEffect, useRef, useState } from 'react';
import type {
  IAnalysis,
  IRecommendation,
  IRecommendations
} from '../../api/types';
import { deedOf, type Deed } from '../../turns/actions';
import { Fold } from '../../ui/Fold';
import { messageOf } from '../../ui/words';
import { useCosts, type ICostsHost } from '../context';
import { useLoad, useSeen } from '../load';
import { evidenceText, impactText, priorityLabel } from '../recommended';
import { Problem, Section, Skeleton } from './parts';

/** How many are shown before somebody wants all. */
const FEW = 4;

async function act(
  deed: Deed,
  host: Pick<ICostsHost, 'execute' | 'openTurn' | 'openChat'>
): Promise<void> {
  if (deed.do === 'command') {
    if (deed.sessionId && host.openChat) {
      await host.openChat(deed.sessionId);
    }
    await host.execute(deed.command, deed.args);
  } else if (deed.do === 'turn') {
    await host.openTurn?.(deed.turnId);
  } else if (deed.do === 'summarize') {
    await host.openChat?.(deed.sessionId);
  }
}

/** What would make the work better or cheaper, by the rules; and, where somebody wants it, what a model says of it. */
export function Recommendations(props: {
  period: string;
  stamp: string;
}): JSX.Element {
  const { client, costs, trans } = useCosts();
  const { period } = props;
  const [ref, seen] = useSeen<HTMLElement>();
  const loaded = useLoad(seen ? JSON.stringify([period]) : null, () =>
    client.listRecommendations(period)
  );
  const [all, setAll] = useState(false);
  const [asking, setAsking] = useState<AbortController | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const data: IRecommendations | null = loaded.data;
  useEffect(() => () => asking?.abort(), [asking]);

  const ask = async (): Promise<void> => {
    const stop = new AbortController();
    setAsking(stop);
    setFailed(null);
    try {
      loaded.replace(await client.generateRecommendations(period, stop.signal));
      void costs.refresh();
    } catch (error) {
      if (!stop.signal.aborted) {
        setFailed(messageOf(error));
      }
    } finally {
      setAsking(null);
    }
  };

  const shown = data
    ? all
      ? data.recommendations
      : data.recommendations.slice(0, FEW)
    : [];
  return (
    <Section
      ref={ref}
      title={trans.__('Recommendations')}
      busy={loaded.busy || asking !== null}
      aside={
        data &&
        (data.profile.turns ?? 0) > 0 && (
          <button
            type="button"
            className="jp-agent-button"
            title={trans.__(
              'The default model reads the numbers, not what was said. It is one request, and is paid for.'
            )}
            onClick={() => (asking ? asking.abort() : void ask())}
          >
            {asking ? trans.__('Stop asking') : trans.__('Ask a model')}
          </button>
        )
      }
    >
      {loaded.error && !data ? (
        <Problem error={loaded.error} onRetry={loaded.reload} />
      ) : !data ? (
        <Skeleton height={160} />
      ) : (
        <>
          {failed && (
            <p className="jp-agent-BudgetEditor-problem" role="alert">
              {trans.__('The model could not be asked: %1', failed)}
            </p>
          )}
          {data.analysis && <ModelView analysis={data.analysis} />}
          {shown.length === 0 ? (
            <p className="jp-agent-Costs-hint">
              {trans.__('The rules have nothing to say about this time.')}
            </p>
          ) : (
            <ul className="jp-agent-Recommendations">
              {shown.map(one => (
                <One key={one.rule} recommendation={one} />
              ))}
            </ul>
          )}
          {data.recommendations.length > FEW && (
            <button
              type="button"
              className="jp-agent-Costs-link"
              aria-expanded={all}
              onClick={() => setAll(!all)}
            >
              {all
                ? trans.__('Show fewer')
                : trans._n(
                    'Show %1 more',
                    'Show %1 more',
                    data.recommendations.length - FEW
                  )}
            </button>
          )}
        </>
      )}
    </Section>
  );
}

function One(props: { recommendation: IRecommendation }): JSX.Element {
  const host = useCosts();
  const { numbers, trans, hasCommand } = host;
  const { recommendation } = props;
  const [failed, setFailed] = useState<string | null>(null);
  const impact = impactText(recommendation.estimated_impact, numbers, trans);
  const action = recommendation.do;
  const deed =
    action &&
    deedOf(
      { ...action, arguments: action.arguments ?? {} },
      { sessionId: '', turnId: null },
      hasCommand
    );
  return (
    <li className="jp-agent-Recommendation">
      <div className="jp-agent-Recommendation-head">
        <strong>{recommendation.title}</strong>
        <span
          className="jp-agent-Recommendation-priority"
          data-priority={recommendation.priority}
        >
          {priorityLabel(recommendation.priority, trans)}
        </span>
      </div>
      <p>{recommendation.explanation}</p>
      <p className="jp-agent-Recommendation-what">{recommendation.action}</p>
      <div className="jp-agent-Recommendation-foot">
        {impact && (
          <span className="jp-agent-Recommendation-impact">{impact}</span>
        )}
        {action && deed && (
          <button
            type="button"
            className="jp-agent-button"
            onClick={() => {
              setFailed(null);
              act(deed, host).catch((error: unknown) =>
                setFailed(messageOf(error))
              );
            }}
          >
            {action.label}
          </button>
        )}
        {(recommendation.evidence?.length ?? 0) > 0 && (
          <Fold
            className="jp-agent-Costs-fold"
            summary={trans.__('What it is drawn from')}
          >
            <ul className="jp-agent-Recommendation-evidence">
              {recommendation.evidence.map((one, index) => (
                <li key={index}>{evidenceText(one, numbers, trans)}</li>
              ))}
            </ul>
          </Fold>
        )}
      </div>
      {failed && (
        <p className="jp-agent-BudgetEditor-problem" role="alert">
          {failed}
        </p>
      )}
    </li>
  );
}

/** What a model said, as Markdown. */
function ModelView(props: { analysis: IAnalysis }): JSX.Element {
  const { numbers, rendermime, trans } = useCosts();
  const { analysis } = props;
  const node = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const renderer = rendermime.createRenderer('text/markdown');
    const host = node.current;
    let gone = false;
    void renderer
      .renderModel(
        rendermime.createModel({
          data: { 'text/markdown': analysis.text },
          trusted: false
        })
      )
      .then(() => {
        if (!gone) {
          host?.replaceChildren(renderer.node);
        }
      })
      .catch(() => {
        host?.replaceChildren(analysis.text);
      });
    return () => {
      gone = true;
      renderer.dispose();
    };
  }, [analysis.text, rendermime]);
  return (
    <div className="jp-agent-Costs-analysis">
      <div ref={node} />
      <p className="jp-agent-Costs-hint">
        {analysis.usage?.cost
          ? trans.__(
              'Said by %1, %2, for %3',
              analysis.model,
              numbers.moment(analysis.created_at),
              numbers.money(analysis.usage.cost)
            )
          : trans.__(
              'Said by %1, %2',
              analysis.model,
              numbers.moment(analysis.created_at)
            )}
      </p>
    </div>
  );
}
