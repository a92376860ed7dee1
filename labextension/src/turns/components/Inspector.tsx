import React, { useEffect, useRef, useState } from 'react';
import type { ContextPart } from '../../api/types';
import type { TurnSection } from '../../tokens';
import { Fold } from '../../ui/Fold';
import type { Deed } from '../actions';
import { useSource, useTurns } from '../context';
import type { ITurnSource, PieceName } from '../inspection';
import { isPart } from '../parts';
import type { IJump } from '../service';
import { Contents } from './Contents';
import { ContextSection } from './ContextSection';
import { ComparePicker } from './ComparePicker';
import { Grade } from './Grade';
import { Head } from './Head';
import { ModelSection } from './ModelSection';
import { Piece, Section } from './Section';
import { AskModel, Tips } from './Tips';
import { TimelineSection } from './TimelineSection';
import { ToolsSection } from './ToolsSection';

/** One turn on one page. */
export function Inspector(props: {
  source: ITurnSource;
  jump?: IJump;
  /** It is drawn from what a notebook has of it. */
  saved?: boolean;
  /** Opens the turn where all of it is. */
  onOpen?: () => void;
  /** What was asked is known. */
  onName?: (question: string) => void;
}): JSX.Element {
  const { trans, turns } = useTurns();
  const { source, jump, saved = false } = props;
  const state = useSource(source);
  const { turn } = state;
  const node = useRef<HTMLDivElement>(null);
  /** Null: the last one, also when others come. */
  const [chosen, setChosen] = useState<number | null>(null);
  const [part, setPart] = useState<ContextPart | null>(null);
  const sessionId = turn?.session_id ?? null;

  useEffect(() => {
    if (sessionId && !saved) {
      turns.grades.load(sessionId).catch((error: unknown) =>
        // It can be graded all the same.
        console.warn('jupyterlab-agent: a grade cannot be read', error)
      );
    }
  }, [turns, sessionId, saved]);

  const goTo = (section: TurnSection) => {
    const heading = node.current?.querySelector<HTMLElement>(
      `[data-section="${section}"] h3`
    );
    heading?.scrollIntoView({ block: 'start' });
    heading?.focus({ preventScroll: true });
  };
  const ready = turn !== null;
  const { contexts, trace, calls, selections, advice } = state;
  const settled = [contexts, trace, calls, selections, advice].every(
    ({ value, problem }) => value !== null || problem !== null
  );
  const { onName } = props;
  const question = turn?.message ?? '';
  useEffect(() => {
    if (question) {
      onName?.(question);
    }
  }, [onName, question]);
  const [followed, setFollowed] = useState<IJump | undefined>(undefined);
  if (ready && followed !== jump) {
    setFollowed(jump);
    if (isPart(jump?.part)) {
      setPart(jump.part);
    }
  }
  useEffect(() => {
    if (ready && jump?.section) {
      goTo(jump.section);
    }
    // What stands above pushes it down when it comes.
  }, [jump, ready, settled]);

  if (state.phase === 'failed') {
    return (
      <div className="jp-agent-Inspector-problem" role="alert">
        <span>
          {state.failure?.status === 404
            ? trans.__('This turn is not there any more.')
            : state.failure?.message}
        </span>
        {source.again && (
          <button
            type="button"
            className="jp-agent-button"
            onClick={() => void source.reload?.()}
          >
            {trans.__('Try again')}
          </button>
        )}
      </div>
    );
  }
  if (!turn) {
    return (
      <p className="jp-agent-Inspector-note" role="status">
        {trans.__('Loading…')}
      </p>
    );
  }

  const snapshots = state.contexts.value ?? [];
  const at = Math.min(chosen ?? snapshots.length - 1, snapshots.length - 1);
  const snapshot = snapshots[at];
  const place = { sessionId: turn.session_id, turnId: turn.id };
  const again = (piece: PieceName) =>
    source.again ? () => void source.again?.(piece) : null;
  const here = (deed: Deed) => {
    if (deed.do === 'section') {
      goTo(deed.section);
    } else if (deed.do === 'context') {
      const biggest = snapshot
        ? Object.entries(snapshot.tokens).sort(([, a], [, b]) => b - a)[0]?.[0]
        : undefined;
      const wanted = deed.part ?? biggest;
      if (isPart(wanted)) {
        setPart(wanted);
      }
      goTo('context');
    }
  };
  return (
    <div className="jp-agent-Inspector" ref={node} data-turn={turn.id}>
      <Head turn={turn} reached={state.reached} />
      {props.onOpen && (
        <div className="jp-agent-actions">
          <button
            type="button"
            className="jp-agent-button"
            onClick={props.onOpen}
          >
            {trans.__('Open in the turn inspector')}
          </button>
        </div>
      )}
      <Section name="context" title={trans.__('What the model saw')}>
        <Piece piece={state.contexts} again={again('contexts')}>
          {found => (
            <ContextSection
              source={source}
              snapshots={found}
              at={at}
              onAt={setChosen}
              part={part}
              onPart={setPart}
            />
          )}
        </Piece>
      </Section>
      {!saved && (
        <div className="jp-agent-Inspector-compare">
          <ComparePicker turn={turn} />
        </div>
      )}
      <Section name="timeline" title={trans.__('Timeline')}>
        <Piece piece={state.trace} again={again('trace')}>
          {trace => <TimelineSection trace={trace} />}
        </Piece>
      </Section>
      {(!saved || state.calls.value) && (
        <Section name="tools" title={trans.__('Tools')}>
          <Piece piece={state.calls} again={again('calls')}>
            {calls => <ToolsSection calls={calls} turnId={turn.id} />}
          </Piece>
        </Section>
      )}
      {source.contents && snapshot && (
        <Section name="messages" title={trans.__('Messages as sent')}>
          <Fold
            key={jump?.section === 'messages' ? 'open' : 'closed'}
            className="jp-agent-Inspector-messages"
            open={jump?.section === 'messages'}
            summary={
              <span className="jp-agent-Fold-title">
                {trans._n(
                  '%1 item in the order sent',
                  '%1 items in the order sent',
                  snapshot.items.length
                )}
              </span>
            }
          >
            <Contents
              key={snapshot.id}
              contents={source.contents}
              requestId={snapshot.id}
              version={`${snapshot.total}-${snapshot.source}`}
              part={null}
            />
          </Fold>
        </Section>
      )}
      <Section name="model" title={trans.__('Choice of the model')}>
        <Piece piece={state.selections} again={again('selections')}>
          {selections => <ModelSection selections={selections} />}
        </Piece>
      </Section>
      <Section name="tips" title={trans.__('Tips')}>
        <Piece piece={state.advice} again={again('advice')}>
          {({ tips, analysis }) => (
            <>
              <Tips
                tips={tips}
                place={place}
                here={here}
                nothing={trans.__('The rules found nothing to do better.')}
              />
              <AskModel
                analysis={analysis}
                analyze={turn.status === 'finished' ? source.analyze : null}
                hint={trans.__('One request; it costs what the model costs.')}
              />
            </>
          )}
        </Piece>
      </Section>
      {!saved && turn.status === 'finished' && (
        <Section name="feedback" title={trans.__('Your grade')}>
          <p className="jp-agent-Inspector-line">
            {trans.__(
              'How good was the answer, from 1 (useless) to 5 (just right)? Advice and the choice of models go by it.'
            )}
          </p>
          <Grade
            grades={turns.grades}
            turnId={turn.id}
            trans={trans}
            open={true}
          />
        </Section>
      )}
    </div>
  );
}
