import { caretLeftIcon, launchIcon, tabIcon } from '@jupyterlab/ui-components';
import React, { useCallback, useEffect, useRef } from 'react';
import { IconButton } from '../../ui/IconButton';
import { useTurns } from '../context';
import type { TurnsWidget } from '../widget';
import type { IPageState } from '../view';
import { Compare } from './Compare';
import { Insights } from './Insights';
import { Inspector } from './Inspector';

/** What a panel or tab shows: its bar, and one turn, two turns, or a conversation. */
export function Page(props: {
  state: IPageState;
  widget: TurnsWidget;
}): JSX.Element {
  const { trans, turns, hasMainArea } = useTurns();
  const { state, widget } = props;
  const { subject, inspection, jump } = state;
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    scroller.current?.scrollTo(0, 0);
  }, [subject]);
  const title =
    subject?.kind === 'compare'
      ? trans.__('Compare turns')
      : subject?.kind === 'insights'
        ? trans.__('Chat insights')
        : trans.__('Turn inspector');
  const onName = useCallback(
    (question: string) => widget.name(trans.__('Turn: %1', question)),
    [widget, trans]
  );
  const aside = widget.where === 'right';
  const move = async () => {
    if (subject?.kind === 'turn') {
      await turns.open(subject.turnId, { where: aside ? 'main' : 'right' });
      if (!aside) {
        widget.close();
      }
    }
  };
  return (
    <div className="jp-agent-Page">
      <div
        className="jp-agent-Header"
        role="toolbar"
        aria-label={trans.__('Turn inspector')}
      >
        {widget.trail.length > 0 && (
          <IconButton
            icon={caretLeftIcon}
            label={trans.__('Back')}
            onClick={() => widget.back()}
          />
        )}
        <h2 className="jp-agent-Page-title" tabIndex={-1} data-start={true}>
          {title}
        </h2>
        {hasMainArea && subject?.kind === 'turn' && (
          <IconButton
            icon={aside ? launchIcon : tabIcon}
            label={
              aside
                ? trans.__('Open as a tab')
                : trans.__('Show in the side bar')
            }
            onClick={() => void move()}
          />
        )}
      </div>
      <div className="jp-agent-Page-scroller" ref={scroller}>
        {subject === null ? (
          <p className="jp-agent-Inspector-note">
            {trans.__(
              'Choose the numbers beside an answer in the chat to see how it came about.'
            )}
          </p>
        ) : subject.kind === 'compare' ? (
          <Compare
            key={`${subject.first}:${subject.second}`}
            first={subject.first}
            second={subject.second}
          />
        ) : subject.kind === 'insights' ? (
          <Insights key={subject.sessionId} sessionId={subject.sessionId} />
        ) : (
          inspection && (
            <Inspector
              key={inspection.turnId}
              source={inspection}
              onName={onName}
              jump={jump}
            />
          )
        )}
      </div>
    </div>
  );
}
