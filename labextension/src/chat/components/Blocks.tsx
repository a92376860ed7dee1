import {
  caretRightIcon,
  checkIcon,
  circleIcon,
  closeIcon,
  pauseIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import React, { memo } from 'react';
import { useChat, useChatSettings } from '../context';
import type {
  IGuidanceBlock,
  IThinkingBlock,
  IToolBlock,
  ToolState
} from '../model';
import { seconds, thought } from '../wording';
import { Markdown } from './Markdown';

function Fold(props: {
  summary: React.ReactNode;
  children: React.ReactNode;
  className: string;
  open?: boolean;
}): JSX.Element {
  return (
    <details className={`jp-agent-Fold ${props.className}`} open={props.open}>
      <summary>
        <caretRightIcon.react tag="span" className="jp-agent-Fold-caret" />
        {props.summary}
      </summary>
      <div className="jp-agent-Fold-body">{props.children}</div>
    </details>
  );
}

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

const TOOL_ICONS: Record<ToolState, LabIcon> = {
  running: circleIcon,
  waiting: pauseIcon,
  done: checkIcon,
  error: closeIcon,
  unknown: circleIcon
};

/** The argument that says most, for the one line. */
function brief(args: Record<string, unknown>): string {
  const first = Object.values(args).find(
    value => typeof value === 'string' || typeof value === 'number'
  );
  return first === undefined ? '' : String(first);
}

/** One call of a tool: a line that unfolds. */
export const Tool = memo(function Tool(props: {
  block: IToolBlock;
}): JSX.Element {
  const { trans } = useChat();
  const { name, args, state, content, durationMs, progress } = props.block;
  const labels: Record<ToolState, string> = {
    running: trans.__('running'),
    waiting: trans.__('waiting for you'),
    done: trans.__('done'),
    error: trans.__('failed'),
    unknown: trans.__('not finished')
  };
  const Icon = TOOL_ICONS[state];
  return (
    <Fold
      className={`jp-agent-Tool jp-mod-${state}`}
      summary={
        <>
          <Icon.react
            tag="span"
            className="jp-agent-Tool-state"
            title={labels[state]}
          />
          <span className="jp-agent-Fold-title">
            <span className="jp-agent-Tool-name">{name}</span>{' '}
            <span className="jp-agent-Tool-brief">{brief(args)}</span>
          </span>
          <span className="jp-agent-Tool-time">
            {durationMs !== null
              ? seconds(durationMs, trans)
              : progress !== null
                ? trans.__('%1 %', Math.round(progress * 100))
                : labels[state]}
          </span>
        </>
      }
    >
      <div className="jp-agent-Tool-part">{trans.__('Arguments')}</div>
      <pre tabIndex={0}>{JSON.stringify(args, null, 2)}</pre>
      {content && (
        <>
          <div className="jp-agent-Tool-part">{trans.__('Result')}</div>
          <pre tabIndex={0}>{content}</pre>
        </>
      )}
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
