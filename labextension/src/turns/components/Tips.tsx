import { errorIcon, type LabIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';
import type { IAnalysis, ITip, ITipAction } from '../../api/types';
import { noteIcon, warningIcon } from '../../icons';
import { messageOf } from '../../ui/words';
import { deedOf, type Deed, type ITipPlace } from '../actions';
import { useTurns } from '../context';
import { costText, evidenceText, metricWords, severityLabel } from '../words';
import { useNow } from './Head';
import { Rendered } from './Rendered';
import { Nothing } from './Section';

const ICONS: Record<ITip['severity'], LabIcon> = {
  critical: errorIcon,
  warning: warningIcon,
  info: noteIcon
};

/** Does what a tip advises; what is done on the page itself is left to `here`. */
export function useDeeds(
  here: (deed: Deed) => void
): (deed: Deed) => Promise<string | null> {
  const { client, execute, trans, turns } = useTurns();
  return async deed => {
    switch (deed.do) {
      case 'command':
        if (deed.sessionId) {
          await execute('agent:open-chat', { sessionId: deed.sessionId });
        }
        await execute(deed.command, deed.args);
        return null;
      case 'summarize': {
        const summary = await client.summarizeSession(deed.sessionId);
        return trans._n(
          'A summary stands for %1 message from now on.',
          'A summary stands for %1 messages from now on.',
          summary.summarized_messages
        );
      }
      case 'turn':
        await turns.open(deed.turnId, { tab: deed.section, part: deed.part });
        return null;
      case 'setting': {
        const { showSetting } = await import('../settingDialog');
        return (await showSetting({ client, trans, name: deed.name }))
          ? trans.__('Saved: it counts from the next turn on.')
          : null;
      }
      default:
        here(deed);
        return null;
    }
  };
}

function ActionButton(props: {
  action: ITipAction;
  place: ITipPlace;
  here: (deed: Deed) => void;
}): JSX.Element | null {
  const { trans, hasCommand } = useTurns();
  const { action, place } = props;
  const act = useDeeds(props.here);
  const [state, setState] = useState<'busy' | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const deed = deedOf(action, place, hasCommand);
  if (!deed) {
    return null;
  }
  const run = async () => {
    setState('busy');
    setSaid(null);
    try {
      setSaid(await act(deed));
    } catch (error) {
      setSaid(messageOf(error));
    } finally {
      setState(null);
    }
  };
  return (
    <>
      <button
        type="button"
        className="jp-agent-button"
        disabled={state === 'busy'}
        onClick={() => void run()}
      >
        {action.label}
      </button>
      <span role="status">
        {state === 'busy' && deed.do === 'summarize'
          ? trans.__('The model summarizes…')
          : said}
      </span>
    </>
  );
}

/** What the rules say, the most severe first; each with the button that does it. */
export function Tips(props: {
  tips: readonly ITip[];
  place: ITipPlace;
  here: (deed: Deed) => void;
  nothing: string;
}): JSX.Element {
  const { trans, numbers } = useTurns();
  const { tips, place, here } = props;
  if (tips.length === 0) {
    return <Nothing>{props.nothing}</Nothing>;
  }
  return (
    <ul className="jp-agent-Tips">
      {tips.map((tip, at) => {
        const Icon = ICONS[tip.severity];
        const severity = severityLabel(tip.severity, trans);
        return (
          <li
            key={`${tip.rule}-${at}`}
            className={`jp-agent-Tip jp-mod-${tip.severity}`}
            data-rule={tip.rule}
          >
            <div className="jp-agent-Tip-head">
              <Icon.react tag="span" className="jp-agent-icon" />
              <span className="jp-agent-Tip-severity">{severity}</span>
              <span className="jp-agent-Tip-message">{tip.message}</span>
            </div>
            <p className="jp-agent-Tip-suggestion">{tip.suggestion}</p>
            {tip.evidence.length > 0 && (
              <dl className="jp-agent-Tip-evidence">
                {tip.evidence.map(one => (
                  <div key={one.metric}>
                    <dt>{metricWords(one.metric)}</dt>
                    <dd>
                      {evidenceText(one, numbers, trans)}
                      {one.context && (
                        <span className="jp-agent-Tip-context">
                          {trans.__(' (%1)', one.context)}
                        </span>
                      )}
                    </dd>
                  </div>
                ))}
              </dl>
            )}
            {tip.action && (
              <div className="jp-agent-actions">
                <ActionButton action={tip.action} place={place} here={here} />
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Asks a model, and shows what it said and what that cost. */
export function AskModel(props: {
  analysis: IAnalysis | null;
  /** Null where no model can be asked from here. */
  analyze: ((signal: AbortSignal) => Promise<void>) | null;
  /** What it is asked about. */
  hint: string;
}): JSX.Element | null {
  const { trans, numbers } = useTurns();
  const { analysis, analyze, hint } = props;
  const [asking, setAsking] = useState<{
    since: number;
    abort: AbortController;
  } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const now = useNow(asking !== null);
  if (!analyze && !analysis) {
    return null;
  }
  const ask = async () => {
    if (!analyze) {
      return;
    }
    const abort = new AbortController();
    setAsking({ since: Date.now(), abort });
    setProblem(null);
    try {
      await analyze(abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) {
        setProblem(messageOf(error));
      }
    } finally {
      setAsking(null);
    }
  };
  return (
    <div className="jp-agent-Analysis">
      {analysis && (
        <article aria-label={trans.__('What a model said')}>
          <Rendered text={analysis.text} />
          <p className="jp-agent-Inspector-line">
            {[
              trans.__('%1 / %2', analysis.provider, analysis.model),
              trans.__(
                '%1 tokens',
                numbers.count(analysis.usage.input + analysis.usage.output)
              ),
              costText(analysis.usage, numbers, trans),
              numbers.moment(analysis.created_at)
            ].join(' · ')}
          </p>
        </article>
      )}
      {problem && (
        <div className="jp-agent-Inspector-problem" role="alert">
          {problem}
        </div>
      )}
      {analyze && (
        <div className="jp-agent-actions">
          <button
            type="button"
            className="jp-agent-button"
            disabled={asking !== null}
            onClick={() => void ask()}
          >
            {analysis ? trans.__('Ask a model again') : trans.__('Ask a model')}
          </button>
          {asking ? (
            <>
              <span className="jp-agent-Working" role="status">
                <span className="jp-agent-Working-dot" />
                {trans.__(
                  'The model reads it (%1 s)…',
                  Math.max(0, Math.round((now - asking.since) / 1000))
                )}
              </span>
              <button
                type="button"
                className="jp-agent-button"
                onClick={() => asking.abort.abort()}
              >
                {trans.__('Stop')}
              </button>
            </>
          ) : (
            <span className="jp-agent-Inspector-hint">{hint}</span>
          )}
        </div>
      )}
    </div>
  );
}
