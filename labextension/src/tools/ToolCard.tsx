import {
  checkIcon,
  circleIcon,
  closeIcon,
  pauseIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import React, { memo, useState } from 'react';
import type { IEdit, IToolImage } from '../api/types';
import { deniedIcon } from '../icons';
import { enlarge } from '../ui/enlarge';
import { Fold } from '../ui/Fold';
import { useBlobPicture } from '../ui/picture';
import { messageOf, seconds } from '../ui/words';
import { ApprovalForm } from './ApprovalForm';
import { changesOf, type CallState, type IToolBlock } from './calls';
import { Changes } from './Changes';
import { useTools } from './context';
import { editable } from './editing';
import { runsWhere, sentence, stateLabel, visible } from './words';

const ICONS: Record<CallState, LabIcon> = {
  running: circleIcon,
  waiting: pauseIcon,
  done: checkIcon,
  error: closeIcon,
  denied: deniedIcon,
  unknown: circleIcon
};

/** Shorter than this it took no time. */
const NO_TIME = 50;

function lastLine(content: string): string {
  const lines = content.trimEnd().split('\n');
  return (lines[lines.length - 1] ?? '').slice(-200);
}

function Picture(props: { image: IToolImage }): JSX.Element {
  const { client, trans } = useTools();
  const { url, failed } = useBlobPicture(client, props.image.blob_id);
  const name = trans.__('Picture of the result');
  return url ? (
    <button
      type="button"
      className="jp-agent-Tool-picture"
      aria-label={trans.__('Show the picture large')}
      onClick={() => enlarge(url, name, trans)}
    >
      <img src={url} alt={name} />
    </button>
  ) : (
    <span className="jp-agent-Approval-note">
      {failed ? trans.__('The picture is not there') : trans.__('…')}
    </span>
  );
}

/** What a call is given: a text of its own as it is, the rest as JSON. */
function Arguments(props: { call: IToolBlock; folded: boolean }): JSX.Element {
  const { trans } = useTools();
  const { name, args } = props.call;
  const { textName, text, rest } = editable(args, []);
  return (
    <details className="jp-agent-Tool-exact" open={!props.folded}>
      <summary>{trans.__('Call of %1', name)}</summary>
      {rest && rest !== '{}' && <pre tabIndex={0}>{visible(rest)}</pre>}
      {textName !== null && (
        <>
          <div className="jp-agent-Tool-part">{textName}</div>
          <pre tabIndex={0}>{visible(text)}</pre>
        </>
      )}
    </details>
  );
}

/** The way to the whole of a result that is cut here. */
function Whole(props: { blobId: string; name: string }): JSX.Element {
  const { client, save, trans } = useTools();
  const [problem, setProblem] = useState<string | null>(null);
  const download = async () => {
    try {
      save(`${props.name}.txt`, await client.getBlob(props.blobId));
      setProblem(null);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <div className="jp-agent-Tool-more">
      <button
        type="button"
        className="jp-agent-link"
        onClick={() => void download()}
      >
        {trans.__('Download the whole result')}
      </button>
      {problem && <span role="alert">{problem}</span>}
    </div>
  );
}

/** What was answered, where a person was asked. */
function Answered(props: { call: IToolBlock }): JSX.Element | null {
  const { trans } = useTools();
  const { asked } = props.call;
  if (!asked || asked.status === 'pending') {
    return null;
  }
  const who = asked.decidedBy ?? '';
  const said =
    asked.status === 'approved'
      ? asked.remember === 'once'
        ? trans.__('Allowed by %1', who)
        : asked.remember === 'session'
          ? trans.__('Allowed by %1, from now on in this chat', who)
          : trans.__('Allowed by %1, from now on everywhere', who)
      : asked.status === 'denied'
        ? trans.__('Denied by %1', who)
        : asked.status === 'expired'
          ? trans.__('Nobody answered in time')
          : trans.__('It was not answered before the turn ended');
  return (
    <div className="jp-agent-Approval-note">
      {said}
      {asked.message && trans.__(': “%1”', asked.message)}
    </div>
  );
}

/** What is said of a call beside its result. */
function Marks(props: { call: IToolBlock }): JSX.Element | null {
  const { trans } = useTools();
  const { metadata } = props.call;
  const exit = metadata.exit_code;
  const marks = [
    metadata.sudo_blocked === true
      ? trans.__('sudo is not allowed here: the command was not run.')
      : null,
    typeof exit === 'number' ? trans.__('Exit code %1', exit) : null
  ].filter(mark => mark !== null);
  return marks.length > 0 ? (
    <div className="jp-agent-Tool-marks">{marks.join(' ')}</div>
  ) : null;
}

/** One call of a tool: a line that unfolds, and below it what the user is asked. */
export const ToolCard = memo(function ToolCard(props: {
  call: IToolBlock;
  turnId: string | null;
  /** Of the edits of its turn, by id. */
  states: ReadonlyMap<string, IEdit['state']>;
}): JSX.Element {
  const { trans } = useTools();
  const { call, turnId, states } = props;
  const { name, state, content, durationMs, progress, asked } = call;
  const Icon = ICONS[state];
  const label = stateLabel(state, trans);
  const line = sentence(call, trans);
  const waits = state === 'waiting' && asked?.status === 'pending';
  const changes = waits ? [] : changesOf(call);
  const how =
    state === 'running'
      ? progress !== null
        ? trans.__('%1 %', Math.round(progress * 100))
        : label
      : state === 'done'
        ? durationMs !== null && durationMs >= NO_TIME
          ? seconds(durationMs, trans)
          : ''
        : label;
  const note = [call.client ? runsWhere(name, trans) : '', how]
    .filter(part => part !== '')
    .join(' · ');
  return (
    <div className={`jp-agent-Call jp-mod-${state}`} data-tool={name}>
      <Fold
        className={`jp-agent-Tool jp-mod-${state}`}
        summary={
          <>
            <Icon.react
              tag="span"
              className="jp-agent-Tool-state"
              title={label}
            />
            <span className="jp-agent-Fold-title" title={line}>
              {line}
            </span>
            <span className="jp-agent-Tool-time">{note}</span>
          </>
        }
      >
        <Answered call={call} />
        <Marks call={call} />
        {changes.length > 0 && (
          <Changes changes={changes} turnId={turnId} states={states} />
        )}
        <Arguments call={call} folded={changes.length > 0} />
        {content && (
          <>
            <div className="jp-agent-Tool-part">
              {state === 'running'
                ? trans.__('So far')
                : state === 'error' || state === 'denied'
                  ? trans.__('What the agent was told')
                  : trans.__('Result')}
            </div>
            <pre tabIndex={0}>{content}</pre>
          </>
        )}
        {call.images.length > 0 && (
          <div className="jp-agent-Tool-pictures">
            {call.images.map(image => (
              <Picture key={image.blob_id} image={image} />
            ))}
          </div>
        )}
        {call.blobId && <Whole blobId={call.blobId} name={name} />}
      </Fold>
      {state === 'running' && content.trim() !== '' && (
        <div className="jp-agent-Tool-live">{lastLine(content)}</div>
      )}
      {state === 'running' && progress !== null && (
        <progress
          className="jp-agent-Tool-progress"
          value={progress}
          max={1}
          aria-label={line}
        />
      )}
      {waits && (
        <ApprovalForm
          label={line}
          question={{
            id: asked.id,
            tool: name,
            args: call.args,
            shown: asked.shown,
            reason: asked.reason,
            askedBy: asked.askedBy,
            capabilities: asked.capabilities,
            changes: asked.changes,
            expiresAt: asked.expiresAt
          }}
        />
      )}
    </div>
  );
});
