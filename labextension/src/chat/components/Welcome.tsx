import {
  checkIcon,
  circleEmptyIcon,
  closeIcon
} from '@jupyterlab/ui-components';
import React from 'react';
import type { IReadinessItem } from '../../api/types';
import { useChat } from '../context';
import type { IChatState } from '../controller';

const ICONS = { ok: checkIcon, warning: circleEmptyIcon, error: closeIcon };

function Readiness(props: { item: IReadinessItem }): JSX.Element {
  const { trans } = useChat();
  const { status, title, detail, next_action } = props.item;
  const Icon = ICONS[status];
  const labels = {
    ok: trans.__('works'),
    warning: trans.__('not set up'),
    error: trans.__('does not work')
  };
  return (
    <li className={`jp-agent-Readiness jp-mod-${status}`}>
      <Icon.react tag="span" className="jp-agent-icon" title={labels[status]} />
      <span title={detail}>
        <strong>{title}</strong>
        {status !== 'ok' && (
          <span className="jp-agent-Readiness-detail">{detail}</span>
        )}
        {next_action && (
          <span className="jp-agent-Readiness-next">{next_action}</span>
        )}
      </span>
    </li>
  );
}

/** What an empty chat shows: what works now, and what would make it better. */
export function Welcome(props: { state: IChatState }): JSX.Element {
  const { controller, trans, addKey } = useChat();
  const { info, status, models, choice } = props.state;
  const chosen = models.find(
    item => item.id === choice?.model && item.provider === choice.provider
  );
  const onlyLocal =
    chosen?.provider === 'local' &&
    !models.some(item => item.available && item.provider !== 'local');
  const examples = [
    trans.__('What is a Jupyter kernel?'),
    trans.__('Write a Python function that reads a CSV file.')
  ];
  return (
    <div className="jp-agent-Welcome">
      <h2>
        {info?.first_run
          ? trans.__('Welcome. You can ask right away.')
          : trans.__('New chat')}
      </h2>
      {models.length > 0 && !choice && (
        <p>
          {trans.__('No model can answer yet. Set up a provider to begin.')}
        </p>
      )}
      {chosen && onlyLocal && (
        <p>
          {trans.__(
            '%1 answers: a small model that runs inside this server. No key, no network, nothing leaves the machine. It chats; for work with code and tools add the key of a larger one.',
            chosen.name
          )}
        </p>
      )}
      {chosen && !onlyLocal && (
        <p>
          {trans.__('%1 by %2 answers.', chosen.name, chosen.provider_name)}
        </p>
      )}
      {info?.first_run && choice && (
        <div className="jp-agent-actions jp-agent-Welcome-examples">
          {examples.map(example => (
            <button
              key={example}
              type="button"
              className="jp-agent-button"
              onClick={() => controller.send(example)}
            >
              {example}
            </button>
          ))}
        </div>
      )}
      {(onlyLocal || !choice) && models.length > 0 && (
        <div className="jp-agent-actions">
          <button
            type="button"
            className={`jp-agent-button ${choice ? '' : 'jp-mod-primary'}`}
            onClick={() => addKey()}
          >
            {trans.__('Add a key…')}
          </button>
        </div>
      )}
      {(info?.first_run || !choice) && status && (
        <>
          <h3>{trans.__('What works')}</h3>
          <ul className="jp-agent-Welcome-list">
            {status.readiness.map(item => (
              <Readiness key={item.id} item={item} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
