import React, { useEffect, useRef } from 'react';
import type { IApproval } from '../api/types';
import { Fold } from '../ui/Fold';
import { ApprovalForm } from './ApprovalForm';
import { blankCall } from './calls';
import { useApprovals, useTools } from './context';
import { sentence } from './words';

function lineOf(
  approval: IApproval,
  trans: Parameters<typeof sentence>[1]
): string {
  return sentence(
    {
      ...blankCall(approval.tool_call_id),
      name: approval.tool,
      args: approval.arguments,
      metadata: { changes: approval.changes }
    },
    trans
  );
}

/** Everything that waits for the user, over all chats; the oldest first. */
export function Queue(props: {
  onOpen: (approval: IApproval) => void;
}): JSX.Element {
  const { tools, trans } = useTools();
  const approvals = useApprovals(tools);
  const node = useRef<HTMLElement>(null);
  const count = approvals.length;
  const had = useRef(count);
  useEffect(() => {
    node.current?.focus();
  }, []);
  useEffect(() => {
    // What had the focus went with its answer.
    if (
      count < had.current &&
      (document.activeElement === document.body || !document.activeElement)
    ) {
      node.current?.focus();
    }
    had.current = count;
  }, [count]);
  return (
    <section
      ref={node}
      className="jp-agent-Queue"
      aria-label={trans.__('What waits for you')}
      tabIndex={-1}
    >
      <h2 className="jp-agent-Queue-head">
        {count === 0
          ? trans.__('Nothing waits for you')
          : trans._n('%1 call waits for you', '%1 calls wait for you', count)}
      </h2>
      {approvals.map((approval, at) => {
        const line = lineOf(approval, trans);
        return (
          <article
            key={approval.id}
            className="jp-agent-Queue-item"
            aria-label={line}
          >
            <div className="jp-agent-Queue-chat">
              <button
                type="button"
                className="jp-agent-link"
                title={trans.__('Open this chat')}
                onClick={() => props.onOpen(approval)}
              >
                {approval.session_title || trans.__('Untitled')}
              </button>
            </div>
            <Fold
              className="jp-agent-Queue-fold"
              open={at === 0}
              summary={
                <span className="jp-agent-Fold-title" title={line}>
                  {line}
                </span>
              }
            >
              <ApprovalForm
                label={line}
                question={{
                  id: approval.id,
                  tool: approval.tool,
                  args: approval.arguments,
                  shown: approval.shown,
                  reason: approval.reason,
                  askedBy: approval.asked_by,
                  capabilities: approval.capabilities,
                  changes: approval.changes,
                  expiresAt: approval.expires_at
                    ? Date.parse(approval.expires_at)
                    : null
                }}
              />
            </Fold>
          </article>
        );
      })}
    </section>
  );
}
