import React, { useMemo } from 'react';
import type {
  IEdit,
  IPolicyDecision,
  IToolCallRecord,
  IToolImage
} from '../../api/types';
import { blankCall, type CallState, type IToolBlock } from '../../tools/calls';
import { ToolsContext, type IToolsContext } from '../../tools/context';
import { ToolCard } from '../../tools/ToolCard';
import { saveFile } from '../../ui/saveFile';
import { list } from '../../api/read';
import { useTurns } from '../context';
import type { ICalls } from '../inspection';
import { Nothing } from './Section';

const STATES: Record<IToolCallRecord['status'], CallState> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  error: 'error',
  denied: 'denied',
  cancelled: 'unknown'
};

const NO_STATES: ReadonlyMap<string, IEdit['state']> = new Map();

/** A recorded call as the cards of the chat show one. */
export function cardOf(record: IToolCallRecord): IToolBlock {
  return {
    ...blankCall(record.tool_call_id),
    name: record.name,
    args: record.arguments,
    state: STATES[record.status],
    content: record.content,
    durationMs: record.duration_ms,
    images: list<IToolImage>(record.metadata.images),
    blobId: record.blob_id,
    metadata: record.metadata
  };
}

/** What the policy said to a call, and who said yes. */
function Decision(props: {
  record: IToolCallRecord;
  decision: IPolicyDecision | undefined;
}): JSX.Element {
  const { trans } = useTurns();
  const { record, decision } = props;
  const said =
    record.decision === 'allow'
      ? trans.__('Allowed')
      : record.decision === 'deny'
        ? trans.__('Denied')
        : record.status === 'waiting'
          ? trans.__('Asked: waits for you')
          : record.approved_by
            ? trans.__('Asked: allowed by %1', record.approved_by)
            : record.status === 'denied'
              ? trans.__('Asked: not allowed')
              : trans.__('Asked');
  return (
    <div className="jp-agent-Decision">
      <span className="jp-agent-Decision-said">{said}</span>
      {decision?.reason && (
        <span className="jp-agent-Decision-reason">{decision.reason}</span>
      )}
    </div>
  );
}

/** The calls of a turn: what was decided about each, who said yes, how long it took; each unfolds. */
export function ToolsSection(props: {
  calls: ICalls;
  turnId: string;
}): JSX.Element {
  const { client, tools, trans, editors, execute } = useTurns();
  const { calls, turnId } = props;
  const context = useMemo<IToolsContext>(
    () => ({
      client,
      tools,
      trans,
      editors,
      save: saveFile,
      wayBack: null,
      reveal: path =>
        void execute('docmanager:open', { path }).catch((error: unknown) =>
          console.error('jupyterlab-agent: it cannot be shown', error)
        )
    }),
    [client, tools, trans, editors, execute]
  );
  const decisions = useMemo(
    () => new Map(calls.decisions.map(one => [one.tool_call_id, one])),
    [calls]
  );
  if (calls.calls.length === 0) {
    return <Nothing>{trans.__('No tool was called.')}</Nothing>;
  }
  return (
    <ToolsContext.Provider value={context}>
      <ul className="jp-agent-Calls">
        {calls.calls.map(record => (
          <li key={record.id} data-call={record.id}>
            <ToolCard
              call={cardOf(record)}
              turnId={turnId}
              states={NO_STATES}
            />
            <Decision
              record={record}
              decision={decisions.get(record.tool_call_id)}
            />
          </li>
        ))}
      </ul>
    </ToolsContext.Provider>
  );
}
