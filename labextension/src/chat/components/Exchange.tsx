import { refreshIcon } from '@jupyterlab/ui-components';
import React, { memo } from 'react';
import { useChat } from '../context';
import type { Block, IExchange } from '../model';
import { answerText } from '../model';
import type { IOutcome, Remedy } from '../wording';
import { money, outcome, remedyLabel, seconds, tokens } from '../wording';
import { Guidance, Thinking, Tool } from './Blocks';
import { CopyButton, IconButton } from './controls';
import { Markdown } from './Markdown';

function BlockView(props: { block: Block; growing: boolean }): JSX.Element {
  const { block, growing } = props;
  switch (block.kind) {
    case 'text':
      return <Markdown text={block.text} growing={growing} />;
    case 'thinking':
      return <Thinking block={block} />;
    case 'tool':
      return <Tool block={block} />;
    case 'guidance':
      return <Guidance block={block} />;
  }
}

/** Why it ended, and what can be done about it. */
function Outcome(props: {
  outcome: IOutcome;
  exchange: IExchange;
  onModel: () => void;
}): JSX.Element {
  const { controller, trans, addKey } = useChat();
  const { tone, title, detail, remedies } = props.outcome;
  const act = (remedy: Remedy) => {
    switch (remedy) {
      case 'retry':
        void controller.retry(props.exchange);
        break;
      case 'continue':
        controller.send(trans.__('Continue.'));
        break;
      case 'key':
        addKey(props.exchange.provider ?? undefined);
        break;
      case 'model':
        props.onModel();
        break;
      case 'new':
        controller.newSession();
        break;
    }
  };
  return (
    <div className={`jp-agent-Outcome jp-mod-${tone}`}>
      <div className="jp-agent-Outcome-title">{title}</div>
      {detail && <div className="jp-agent-Outcome-detail">{detail}</div>}
      <div className="jp-agent-actions">
        {remedies.map(remedy => (
          <button
            key={remedy}
            type="button"
            className="jp-agent-button"
            onClick={() => act(remedy)}
          >
            {remedyLabel(remedy, trans)}
          </button>
        ))}
      </div>
    </div>
  );
}

function Numbers(props: { exchange: IExchange }): JSX.Element | null {
  const { trans } = useChat();
  const { usage, durationMs } = props.exchange;
  const parts: string[] = [];
  if (usage && usage.input + usage.output > 0) {
    parts.push(trans.__('%1 tokens', tokens(usage)));
    if (usage.cost) {
      parts.push(
        Number(usage.cost) === 0 ? trans.__('free') : money(usage.cost)
      );
    }
  }
  if (durationMs !== null && durationMs > 0) {
    parts.push(seconds(durationMs, trans));
  }
  if (parts.length === 0) {
    return null;
  }
  const title = usage
    ? trans.__('%1 tokens in, %2 tokens out', usage.input, usage.output)
    : undefined;
  return (
    <span className="jp-agent-Numbers" title={title}>
      {parts.join(' · ')}
    </span>
  );
}

/** The user's message and what the agent did about it. */
export const Exchange = memo(function Exchange(props: {
  exchange: IExchange;
  busy: boolean;
  modelName: string | null;
  onModel: () => void;
}): JSX.Element {
  const { controller, trans } = useChat();
  const { exchange } = props;
  const { blocks, state } = exchange;
  const end = outcome(exchange, trans);
  const running = state === 'running';
  const answered = blocks.length > 0 || running || end !== null;
  const last = blocks.length - 1;
  const quiet =
    running &&
    blocks[last]?.kind !== 'text' &&
    blocks[last]?.kind !== 'thinking';
  if (exchange.role === 'system') {
    return (
      <article
        className="jp-agent-Exchange jp-agent-System"
        aria-label={trans.__('Summary')}
      >
        <Markdown text={exchange.text} growing={false} />
      </article>
    );
  }
  return (
    <>
      {(exchange.text || exchange.parts.length > 0) && (
        <article
          className={`jp-agent-Message jp-agent-User jp-mod-${state}`}
          aria-label={trans.__('You')}
        >
          <header className="jp-agent-Message-head">
            <span className="jp-agent-Message-who">{trans.__('You')}</span>
            <span className="jp-agent-Message-tools">
              <CopyButton
                text={() => exchange.text}
                label={trans.__('Copy message')}
              />
            </span>
          </header>
          <div className="jp-agent-userText">{exchange.text}</div>
          {state === 'sending' && (
            <div className="jp-agent-Message-note">{trans.__('Sending…')}</div>
          )}
          {state === 'unsent' && (
            <div className="jp-agent-Outcome jp-mod-error">
              <div className="jp-agent-Outcome-title">
                {trans.__('Not sent')}
              </div>
              <div className="jp-agent-Outcome-detail">
                {exchange.failure?.message}
              </div>
              <div className="jp-agent-actions">
                <button
                  type="button"
                  className="jp-agent-button"
                  onClick={() => controller.resend(exchange)}
                >
                  {trans.__('Try again')}
                </button>
                <button
                  type="button"
                  className="jp-agent-button"
                  onClick={() => controller.discard(exchange)}
                >
                  {trans.__('Edit')}
                </button>
              </div>
            </div>
          )}
        </article>
      )}
      {answered && (
        <article
          className={`jp-agent-Message jp-agent-Agent jp-mod-${state}`}
          aria-label={trans.__('Agent')}
          aria-busy={running}
        >
          <header className="jp-agent-Message-head">
            <span className="jp-agent-Message-who">{trans.__('Agent')}</span>
            {props.modelName && (
              <span className="jp-agent-Message-model" title={props.modelName}>
                {props.modelName}
              </span>
            )}
            <span className="jp-agent-Message-tools">
              {!running && !props.busy && exchange.turnId && (
                <IconButton
                  icon={refreshIcon}
                  label={trans.__('Try again')}
                  onClick={() => void controller.retry(exchange)}
                />
              )}
              {blocks.length > 0 && (
                <CopyButton
                  text={() => answerText(exchange)}
                  label={trans.__('Copy answer')}
                />
              )}
            </span>
          </header>
          {blocks.map((block, at) => (
            <BlockView
              key={block.key}
              block={block}
              growing={running && at === last}
            />
          ))}
          {quiet && (
            <div className="jp-agent-Working">
              <span className="jp-agent-Working-dot" />
              {exchange.stopping ? trans.__('Stopping…') : trans.__('Working…')}
            </div>
          )}
          {end && !running && (
            <Outcome
              outcome={end}
              exchange={exchange}
              onModel={props.onModel}
            />
          )}
          {!running && <Numbers exchange={exchange} />}
        </article>
      )}
    </>
  );
});
