import React, { memo } from 'react';
import { Fold } from '../../ui/Fold';
import { useChat, useChatSettings } from '../context';
import type { IGuidanceBlock, IThinkingBlock } from '../model';
import { thought } from '../wording';
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
