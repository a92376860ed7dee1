import React, { useEffect, useRef, useState } from 'react';
import { ApiError, UnreachableError } from '../api/errors';
import type { IApproval, IChange, Remember } from '../api/types';
import { messageOf, seconds } from '../ui/words';
import { CallEditor } from './CallEditor';
import { Changes } from './Changes';
import { useTools } from './context';
import { editable } from './editing';
import { unfenced, whyAsked } from './words';

/** Milliseconds in which a key is not meant for an approval that has just come. */
const UNMEANT = 400;

/** Whether it is seen what is said yes to: other calls may have come below it. */
function inSight(node: HTMLElement): boolean {
  const outer = node
    .closest('.jp-agent-Transcript-scroller, .jp-agent-Queue')
    ?.getBoundingClientRect();
  const { top, bottom } = node.getBoundingClientRect();
  const least = Math.min(80, bottom - top);
  return !outer || (bottom >= outer.top + least && top <= outer.bottom - least);
}

const NO_STATES = new Map<string, never>();

/** Time left until an approval expires, told in words; null where it waits for ever. */
function useLeft(expiresAt: number | null): string | null {
  const { trans } = useTools();
  const [now, setNow] = useState(() => Date.now());
  const left = expiresAt === null ? null : Math.max(0, expiresAt - now);
  const soon = left !== null && left < 60_000;
  useEffect(() => {
    if (expiresAt === null) {
      return;
    }
    const timer = setInterval(() => setNow(Date.now()), soon ? 1000 : 15_000);
    return () => clearInterval(timer);
  }, [expiresAt, soon]);
  if (left === null) {
    return null;
  }
  if (left === 0) {
    return trans.__('Its time is over.');
  }
  return soon
    ? trans.__(
        'Counts as a no in %1',
        seconds(Math.ceil(left / 1000) * 1000, trans)
      )
    : left < 3 * 3_600_000
      ? trans._n(
          'Counts as a no in %1 minute',
          'Counts as a no in %1 minutes',
          Math.round(left / 60_000)
        )
      : trans.__(
          'Counts as a no on %1',
          new Date(expiresAt!).toLocaleString(undefined, {
            dateStyle: 'medium',
            timeStyle: 'short'
          })
        );
}

/** What is asked: the same for the card and for the list of everything that waits. */
export interface IQuestion {
  id: string;
  tool: string;
  args: Record<string, unknown>;
  shown: string;
  reason: string;
  askedBy: IApproval['asked_by'];
  /** What it needs. */
  capabilities: readonly string[];
  changes: readonly IChange[];
  expiresAt: number | null;
}

/**
 * A call that waits for the user: exactly what it would do, and the answers. Enter says yes and Escape no, wherever in
 * it the cursor is; buttons keep their own keys.
 */
export function ApprovalForm(props: {
  question: IQuestion;
  /** What it is, in a line. */
  label: string;
}): JSX.Element {
  const { tools, trans, wayBack } = useTools();
  const { question, label } = props;
  const { id, args, changes, shown } = question;
  const [step, setStep] = useState<'asked' | 'editing' | 'saying'>('asked');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [message, setMessage] = useState('');
  const node = useRef<HTMLElement>(null);
  const focusedAt = useRef(0);
  const left = useLeft(question.expiresAt);
  const why = whyAsked(question, trans);
  const diffs = changes.filter(
    change => change.before !== null || change.after !== null
  );

  const send = async (answer: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(null);
    // Who came from their work is there again at once, and types on.
    const left = wayBack?.return() ?? false;
    try {
      await answer();
    } catch (error) {
      setBusy(false);
      setProblem(
        error instanceof UnreachableError
          ? trans.__(
              'Your answer was not sent: the server cannot be reached. The call still waits; answer again when it is back.'
            )
          : error instanceof ApiError && error.status === 409
            ? trans.__('It does not wait any more: %1', error.message)
            : trans.__('Your answer was not taken: %1', messageOf(error))
      );
      // Who is still in it, with what was edited or written, stays there.
      if (!left && !node.current?.contains(document.activeElement)) {
        node.current?.focus();
      }
    }
  };
  const accept = (remember: Remember = 'once') =>
    void send(() => tools.approve(id, { remember }));
  const deny = (why?: string, stop = false) =>
    void send(() => tools.deny(id, { message: why?.trim(), stop }));
  const back = () => {
    setStep('asked');
    node.current?.focus();
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const { key, target } = event;
    const own = target === node.current;
    if (busy || event.nativeEvent.isComposing) {
      return;
    }
    if (key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      if (step === 'asked') {
        deny();
      } else {
        back();
      }
    } else if (key === 'Enter' && own && step === 'asked') {
      event.preventDefault();
      event.stopPropagation();
      // Somebody may have pressed it for what was there a moment ago.
      if (!inSight(node.current)) {
        node.current.scrollIntoView({ block: 'nearest' });
      } else if (!event.repeat && Date.now() - focusedAt.current > UNMEANT) {
        accept();
      }
    }
  };

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Enter and Escape answer from anywhere in it
    <section
      ref={node}
      className="jp-agent-Approval"
      data-approval={id}
      aria-label={trans.__('Waits for you: %1', label)}
      aria-busy={busy}
      tabIndex={-1}
      onFocus={event => {
        if (event.target === node.current) {
          focusedAt.current = wayBack?.leadsTo(id) ? 0 : Date.now();
        }
      }}
      onKeyDown={onKeyDown}
    >
      {step === 'editing' ? (
        <CallEditor
          call={editable(args, changes)}
          busy={busy}
          onAccept={changed =>
            void send(() => tools.approve(id, { arguments: changed }))
          }
          onLeave={back}
        />
      ) : (
        <>
          {diffs.length > 0 ? (
            <>
              <Changes changes={diffs} turnId={null} states={NO_STATES} />
              <details className="jp-agent-Tool-exact">
                <summary>{trans.__('The exact call')}</summary>
                <pre tabIndex={0}>{unfenced(shown)}</pre>
              </details>
            </>
          ) : (
            <pre
              className="jp-agent-Approval-shown"
              tabIndex={0}
              aria-label={trans.__('The exact call')}
            >
              {unfenced(shown)}
            </pre>
          )}
          {why && <div className="jp-agent-Approval-note">{why}</div>}
        </>
      )}
      {step === 'asked' && (
        <>
          <div className="jp-agent-actions">
            <button
              type="button"
              className="jp-agent-button jp-mod-primary"
              disabled={busy}
              onClick={() => accept()}
            >
              {trans.__('Accept')} <kbd>{trans.__('Enter')}</kbd>
            </button>
            <button
              type="button"
              className="jp-agent-button"
              disabled={busy}
              onClick={() => setStep('editing')}
            >
              {trans.__('Edit')}
            </button>
            <button
              type="button"
              className="jp-agent-button"
              disabled={busy}
              onClick={() => deny()}
            >
              {trans.__('Deny')} <kbd>{trans.__('Esc')}</kbd>
            </button>
            <button
              type="button"
              className="jp-agent-button"
              disabled={busy}
              onClick={() => setStep('saying')}
            >
              {trans.__('Deny because…')}
            </button>
          </div>
          <div className="jp-agent-actions jp-agent-Approval-always">
            <button
              type="button"
              className="jp-agent-link"
              disabled={busy}
              title={trans.__('The like is not asked again in this chat')}
              onClick={() => accept('session')}
            >
              {trans.__('Always in this session')}
            </button>
            <button
              type="button"
              className="jp-agent-link"
              disabled={busy}
              title={trans.__('The like is not asked again in any chat')}
              onClick={() => accept('always')}
            >
              {trans.__('Always')}
            </button>
            {left && <span className="jp-agent-Approval-left">{left}</span>}
          </div>
        </>
      )}
      {step === 'saying' && (
        <form
          className="jp-agent-Approval-why"
          onSubmit={event => {
            event.preventDefault();
            deny(message);
          }}
        >
          <input
            className="jp-agent-input"
            // eslint-disable-next-line jsx-a11y/no-autofocus -- the user just asked to write here
            autoFocus
            aria-label={trans.__('Why not; the agent reads it')}
            placeholder={trans.__('Why not, or what instead')}
            maxLength={10_000}
            value={message}
            onChange={event => setMessage(event.target.value)}
            onKeyDown={event => {
              if (event.key === 'Escape') {
                event.preventDefault();
                event.stopPropagation();
                back();
              }
            }}
          />
          <div className="jp-agent-actions">
            <button
              type="submit"
              className="jp-agent-button jp-mod-primary"
              disabled={busy}
            >
              {trans.__('Deny')} <kbd>{trans.__('Enter')}</kbd>
            </button>
            <button
              type="button"
              className="jp-agent-button"
              disabled={busy}
              onClick={() => deny(message, true)}
            >
              {trans.__('Deny and stop')}
            </button>
            <button type="button" className="jp-agent-button" onClick={back}>
              {trans.__('Back')} <kbd>{trans.__('Esc')}</kbd>
            </button>
          </div>
        </form>
      )}
      {problem && (
        <div className="jp-agent-Approval-problem" role="alert">
          {problem}
        </div>
      )}
      {busy && (
        <div className="jp-agent-Approval-note" role="status">
          {trans.__('Sending your answer…')}
        </div>
      )}
    </section>
  );
}
