import React, { memo } from 'react';
import { Fold } from '../../ui/Fold';
import { useChat, useChatSettings } from '../context';
import { noteIcon, warningIcon } from '../../icons';
import type { IGuidanceBlock, INoteBlock, IThinkingBlock } from '../model';
import { noteText, thought } from '../wording';
import { Markdown } from './Markdown';

/** What the model thought, folded. */
export const Thinking = memo(function Thinking(props: {
  block: IThinkingBlock;
}): JSX.Element {
  const { trans } = useChat();
  const { unfoldThinking } = useChatSettings();
  const { text, durationMs } = props.block;
  return (
    <Fold
      className="jp-agent-Thinking"
      open={unfoldThinking}
      summary={
        <span className="jp-agent-Fold-title">
          {thought(durationMs, trans)}
        </span>
      }
    >
      <Markdown text={text} growing={durationMs === null} />
    </Fold>
  );
});

/** What was done about the turn; a warning of a budget leads to the budgets. */
export function NoteLine(props: {
  block: INoteBlock;
  turnId: string | null;
}): JSX.Element {
  const { controller, execute, trans, turns } = useChat();
  const { note } = props.block;
  const { turnId } = props;
  const warns = note.about === 'budget';
  const Icon = warns ? warningIcon : noteIcon;
  const failed = (error: unknown) => controller.report(error);
  const sessionId = controller.state.conversation.session?.id ?? null;
  return (
    <div
      className={`jp-agent-NoteLine ${warns ? 'jp-mod-warning' : ''}`}
      data-note={note.about}
    >
      <Icon.react tag="span" className="jp-agent-icon" />
      <span className="jp-agent-NoteLine-text">{noteText(note, trans)}</span>
      {warns ? (
        <button
          type="button"
          className="jp-agent-link"
          onClick={() =>
            void execute('agent:edit-budgets', { sessionId }).catch(failed)
          }
        >
          {trans.__('Budgets')}
        </button>
      ) : (
        turns &&
        turnId && (
          <button
            type="button"
            className="jp-agent-link"
            onClick={() =>
              void turns
                .open(turnId, {
                  tab: note.about === 'fallback' ? 'model' : 'context'
                })
                .catch(failed)
            }
          >
            {trans.__('Details')}
          </button>
        )
      )}
    </div>
  );
}

/** What the user said into a running turn. */
export function Guidance(props: { block: IGuidanceBlock }): JSX.Element {
  const { trans } = useChat();
  const labels: Record<IGuidanceBlock['state'], string> = {
    sending: trans.__('Sending guidance…'),
    queued: trans.__('Guidance: read before the next step'),
    delivered: trans.__('Guidance, read'),
    failed: trans.__('Guidance was not sent')
  };
  return (
    <div className={`jp-agent-Guidance jp-mod-${props.block.state}`}>
      <div className="jp-agent-Guidance-state">{labels[props.block.state]}</div>
      <div className="jp-agent-userText">{props.block.text}</div>
    </div>
  );
}
