import {
  caretDownIcon,
  caretLeftIcon,
  caretRightIcon,
  editIcon,
  refreshIcon
} from '@jupyterlab/ui-components';
import React, { memo, useEffect, useMemo, useRef, useState } from 'react';
import { branchIcon } from '../../icons';
import { useChat } from '../context';
import type { Block, IExchange } from '../model';
import { waitingCalls } from '../events';
import { answerText } from '../model';
import type { IOutcome, Remedy } from '../wording';
import { outcome, remedyLabel } from '../wording';
import { Attached } from './Attached';
import { ToolCard } from '../../tools/ToolCard';
import { TurnChanges, useCheckpoint } from '../../tools/TurnChanges';
import { editIdsOf } from '../../tools/calls';
import { statesOf } from '../../tools/undo';
import type { IEdit } from '../../api/types';
import { Guidance, NoteLine, Thinking } from './Blocks';
import { AnswerGrade } from './AnswerGrade';
import { IconButton } from '../../ui/IconButton';
import { CopyButton } from './controls';
import { Markdown } from './Markdown';
import { MessageEditor } from './MessageEditor';
import { openModelMenu } from './modelMenu';
import { useNear } from './near';
import { useReached } from './reached';
import { Numbers } from './Numbers';

const BlockView = memo(function BlockView(props: {
  block: Block;
  growing: boolean;
  far: boolean;
  turnId: string | null;
  states: ReadonlyMap<string, IEdit['state']>;
}): JSX.Element {
  const { block, growing, far } = props;
  switch (block.kind) {
    case 'text':
      return <Markdown text={block.text} growing={growing} far={far} />;
    case 'thinking':
      return <Thinking block={block} />;
    case 'tool':
      return (
        <ToolCard call={block} turnId={props.turnId} states={props.states} />
      );
    case 'guidance':
      return <Guidance block={block} />;
    case 'note':
      return <NoteLine block={block} turnId={props.turnId} />;
  }
});

/** Why it ended, and what can be done about it. */
function Outcome(props: {
  outcome: IOutcome;
  exchange: IExchange;
  onModel: () => void;
}): JSX.Element {
  const { controller, trans, addKey, execute } = useChat();
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
      case 'budget':
        void execute('agent:edit-budgets', {
          sessionId: controller.state.conversation.session?.id ?? null
        }).catch((error: unknown) => controller.report(error));
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

/** Which of several versions of a message is shown, and the way to the others. */
function Versions(props: { exchange: IExchange }): JSX.Element {
  const { controller, trans } = useChat();
  const { exchange } = props;
  const { version, versions } = exchange;
  return (
    <span
      className="jp-agent-Versions"
      role="group"
      aria-label={trans.__('Versions of this message')}
    >
      <IconButton
        icon={caretLeftIcon}
        label={trans.__('Earlier version')}
        disabled={version === 0}
        onClick={() => void controller.showVersion(exchange, version - 1)}
      />
      <span className="jp-agent-Versions-at">
        {trans.__('%1/%2', version + 1, versions.length)}
      </span>
      <IconButton
        icon={caretRightIcon}
        label={trans.__('Later version')}
        disabled={version >= versions.length - 1}
        onClick={() => void controller.showVersion(exchange, version + 1)}
      />
    </span>
  );
}

/** A message that the server did not take. */
function NotSent(props: { exchange: IExchange }): JSX.Element {
  const { controller, trans } = useChat();
  const { exchange } = props;
  return (
    <div className="jp-agent-Outcome jp-mod-error">
      <div className="jp-agent-Outcome-title">{trans.__('Not sent')}</div>
      <div className="jp-agent-Outcome-detail">{exchange.failure?.message}</div>
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
  );
}

function Question(props: { exchange: IExchange; busy: boolean }): JSX.Element {
  const { trans } = useChat();
  const { exchange, busy } = props;
  const { state } = exchange;
  const [editing, setEditing] = useState(false);
  const edit = useRef<HTMLSpanElement>(null);
  const edited = useRef(false);
  const stored = exchange.messageId !== null || exchange.turnId !== null;
  const still = state === 'finished' || state === 'history';

  useEffect(() => {
    // Who comes back from the editor is where they were.
    if (edited.current && !editing) {
      edit.current?.querySelector('button')?.focus();
    }
    edited.current = editing;
  }, [editing]);

  return (
    <article
      className={`jp-agent-Message jp-agent-User jp-mod-${state}`}
      aria-label={trans.__('You')}
    >
      <header className="jp-agent-Message-head">
        <h3 className="jp-agent-Message-who">{trans.__('You')}</h3>
        <span className="jp-agent-Message-space" />
        {!editing && (
          <span className="jp-agent-Message-tools" ref={edit}>
            {still && stored && !busy && (
              <IconButton
                icon={editIcon}
                label={trans.__('Edit and send again')}
                onClick={() => setEditing(true)}
              />
            )}
            {exchange.text && (
              <CopyButton
                text={() => exchange.text}
                label={trans.__('Copy message')}
              />
            )}
          </span>
        )}
        {exchange.versions.length > 1 && <Versions exchange={exchange} />}
      </header>
      {editing ? (
        <MessageEditor exchange={exchange} onDone={() => setEditing(false)} />
      ) : (
        <>
          <Attached parts={exchange.parts} />
          {exchange.text && (
            <div className="jp-agent-userText">{exchange.text}</div>
          )}
        </>
      )}
      {state === 'sending' && (
        <div className="jp-agent-Message-note">{trans.__('Sending…')}</div>
      )}
      {state === 'unsent' && <NotSent exchange={exchange} />}
    </article>
  );
}

/** What can be done with an answer; seen when one turns to it. */
function AnswerTools(props: {
  exchange: IExchange;
  busy: boolean;
}): JSX.Element {
  const { controller, trans } = useChat();
  const { exchange, busy } = props;
  const stored = exchange.messageId !== null || exchange.turnId !== null;
  const branch = () => {
    const { session, exchanges } = controller.state.conversation;
    const title = session?.title || (exchanges[0]?.text.split('\n')[0] ?? '');
    const name = title.slice(0, 150) || trans.__('New chat');
    void controller.branch(exchange, trans.__('Branch of %1', name));
  };
  return (
    <div className="jp-agent-Message-tools jp-agent-Message-foot">
      {exchange.blocks.length > 0 && (
        <CopyButton
          text={() => answerText(exchange)}
          label={trans.__('Copy answer')}
        />
      )}
      {stored && !busy && (
        <>
          <IconButton
            icon={refreshIcon}
            label={trans.__('Try again')}
            onClick={() => void controller.retry(exchange)}
          />
          <IconButton
            icon={caretDownIcon}
            label={trans.__('Ask another model')}
            popup="menu"
            onClick={event =>
              openModelMenu({
                button: event.currentTarget,
                models: controller.state.models,
                trans,
                onPick: choice => void controller.retry(exchange, choice)
              })
            }
          />
          <IconButton
            icon={branchIcon}
            label={trans.__('Branch from here')}
            onClick={branch}
          />
        </>
      )}
    </div>
  );
}

function Answer(props: {
  exchange: IExchange;
  busy: boolean;
  far: boolean;
  end: IOutcome | null;
  modelName: string | null;
  providerName: string | null;
  onModel: () => void;
}): JSX.Element {
  const { trans } = useChat();
  const { exchange, end, modelName, providerName } = props;
  const { blocks, state } = exchange;
  const running = state === 'running';
  const last = blocks.length - 1;
  const quiet =
    running &&
    blocks[last]?.kind !== 'text' &&
    blocks[last]?.kind !== 'thinking' &&
    waitingCalls(exchange).length === 0;
  const edited = blocks.some(
    block => block.kind === 'tool' && editIdsOf(block).length > 0
  );
  const checkpoint = useCheckpoint(exchange.turnId, edited && !props.far);
  const states = useMemo(() => statesOf(checkpoint), [checkpoint]);
  return (
    <article
      className={`jp-agent-Message jp-agent-Agent jp-mod-${state}`}
      aria-label={trans.__('Agent')}
      aria-busy={running}
    >
      <header className="jp-agent-Message-head">
        <h3 className="jp-agent-Message-who">{trans.__('Agent')}</h3>
        {modelName && (
          <span className="jp-agent-Message-model" title={modelName}>
            {modelName}
          </span>
        )}
        <span className="jp-agent-Message-space" />
        {!running && (
          <Numbers
            exchange={exchange}
            modelName={modelName}
            providerName={providerName}
          />
        )}
      </header>
      {blocks.map((block, at) => (
        <BlockView
          key={block.key}
          block={block}
          growing={running && at === last}
          far={props.far}
          turnId={exchange.turnId}
          states={states}
        />
      ))}
      {quiet && (
        <div className="jp-agent-Working">
          <span className="jp-agent-Working-dot" />
          {exchange.stopping ? trans.__('Stopping…') : trans.__('Working…')}
        </div>
      )}
      {end && !running && (
        <Outcome outcome={end} exchange={exchange} onModel={props.onModel} />
      )}
      {checkpoint && !running && <TurnChanges checkpoint={checkpoint} />}
      {!running && (
        <div className="jp-agent-Message-end">
          <AnswerTools exchange={exchange} busy={props.busy} />
          {exchange.turnId && !props.far && (
            <AnswerGrade turnId={exchange.turnId} />
          )}
        </div>
      )}
    </article>
  );
}

/** A guess at its height in pixels, for as long as it is not drawn. */
function guessHeight(exchange: IExchange): number {
  const text = exchange.text.length + answerText(exchange).length;
  return 120 + Math.round(text / 55) * 21;
}

/** The user's message and what the agent did about it. */
export const Exchange = memo(function Exchange(props: {
  exchange: IExchange;
  busy: boolean;
  /** It stands at the end: it is seen first. */
  last: boolean;
  modelName: string | null;
  providerName: string | null;
  onModel: () => void;
}): JSX.Element {
  const { trans } = useChat();
  const { exchange, busy, last } = props;
  const { blocks, state } = exchange;
  const node = useRef<HTMLDivElement>(null);
  const near = useNear(node, last || state === 'running');
  const reached = useReached(exchange);
  const end = outcome(reached ? { ...exchange, reached } : exchange, trans);
  if (exchange.role === 'system') {
    return (
      <div className="jp-agent-Exchange" data-key={exchange.key} ref={node}>
        <article className="jp-agent-System" aria-label={trans.__('Summary')}>
          <Markdown text={exchange.text} growing={false} far={!near} />
        </article>
      </div>
    );
  }
  return (
    <div
      className="jp-agent-Exchange"
      data-key={exchange.key}
      ref={node}
      style={
        last
          ? undefined
          : { containIntrinsicSize: `auto ${guessHeight(exchange)}px` }
      }
    >
      {(exchange.text || exchange.parts.length > 0) && (
        <Question exchange={exchange} busy={busy} />
      )}
      {(blocks.length > 0 || state === 'running' || end !== null) && (
        <Answer
          exchange={exchange}
          busy={busy}
          far={!near}
          end={end}
          modelName={props.modelName}
          providerName={props.providerName}
          onModel={props.onModel}
        />
      )}
    </div>
  );
});
