import {
  checkIcon,
  circleEmptyIcon,
  closeIcon,
  refreshIcon
} from '@jupyterlab/ui-components';
import React, { useState } from 'react';
import type { IReadinessItem } from '../../api/types';
import { useChat } from '../context';
import type { IChatState } from '../controller';
import { isChoice } from '../models';
import { shortPaths } from '../paths';
import { shellLine } from '../wording';
import { IconButton } from '../../ui/IconButton';

const ICONS = { ok: checkIcon, warning: circleEmptyIcon, error: closeIcon };

/** A terminal, as far as a line is typed into it. */
interface ITerminalWidget {
  content: {
    session: {
      send(message: { type: 'stdin'; content: string[] }): void;
    };
  };
}

/** What a button beside an item does, and what is on it; null where there is nothing that a button can do. */
function useAction(
  item: IReadinessItem
): { label: string; run: () => void } | null {
  const { addKey, composer, execute, trans } = useChat();
  const { next_action: next, action } = item;
  const line = shellLine(next ?? '');
  switch (action) {
    case 'add_key':
      return { label: trans.__('Set up a provider…'), run: () => addKey() };
    case 'choose_provider':
      return { label: trans.__('Choose a provider…'), run: () => addKey() };
    case 'open_settings':
      return {
        label: trans.__('Open the settings'),
        run: () => void execute('settingeditor:open', { query: 'Agent' })
      };
    default:
      break;
  }
  if (line === null) {
    return null;
  }
  const type = async () => {
    try {
      const terminal = (await execute(
        'terminal:create-new'
      )) as ITerminalWidget;
      terminal.content.session.send({
        type: 'stdin',
        content: [`${line}\r`]
      });
      composer.say({
        kind: 'info',
        text: trans.__('It runs in a terminal. When it is done, check again.')
      });
    } catch {
      composer.say({
        kind: 'error',
        text: trans.__(
          'No terminal can be opened here. Run it where the server is: %1',
          line
        )
      });
    }
  };
  return {
    label:
      action === 'fetch_model'
        ? trans.__('Get the model')
        : trans.__('Run it in a terminal'),
    run: () => void type()
  };
}

function Readiness(props: { item: IReadinessItem }): JSX.Element {
  const { trans } = useChat();
  const { status, title, detail, next_action: next } = props.item;
  const action = useAction(props.item);
  const Icon = ICONS[status];
  const labels = {
    ok: trans.__('works'),
    warning: trans.__('not set up'),
    error: trans.__('does not work')
  };
  return (
    <li className={`jp-agent-Readiness jp-mod-${status}`}>
      <Icon.react tag="span" className="jp-agent-icon" title={labels[status]} />
      <span>
        <strong>{title}</strong>
        <span className="jp-agent-Readiness-detail" title={detail}>
          {shortPaths(detail)}
        </span>
        {next && <span className="jp-agent-Readiness-next">{next}</span>}
        {status !== 'ok' && action && (
          <button
            type="button"
            className="jp-agent-button"
            onClick={action.run}
          >
            {action.label}
          </button>
        )}
      </span>
    </li>
  );
}

/** What an empty chat shows: what works now, and what would make it better. */
export function Welcome(props: { state: IChatState }): JSX.Element {
  const { controller, trans, addKey } = useChat();
  const { info, status, models, choice } = props.state;
  const [checking, setChecking] = useState(false);
  const chosen = models.find(item => isChoice(item, choice));
  const onlyLocal =
    chosen?.provider === 'local' &&
    !models.some(item => item.available && item.provider !== 'local');
  const examples = [
    trans.__('What is a Jupyter kernel?'),
    trans.__('Write a Python function that reads a CSV file.')
  ];
  const check = async () => {
    setChecking(true);
    await Promise.all([controller.refreshStatus(), controller.refreshModels()]);
    setChecking(false);
  };
  return (
    <div className="jp-agent-Welcome">
      <h2>
        {info?.first_run && choice
          ? trans.__('Welcome. You can ask right away.')
          : info?.first_run
            ? trans.__('Welcome.')
            : trans.__('What are you working on?')}
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
      {info?.first_run && choice && (
        <p className="jp-agent-Welcome-hint">
          {trans.__(
            '@ attaches a notebook, a cell or a file, / shows the commands, and pictures can be pasted.'
          )}
        </p>
      )}
      {(info?.first_run || !choice) && status && (
        <>
          <div className="jp-agent-Welcome-head">
            <h3>{trans.__('What works')}</h3>
            <IconButton
              icon={refreshIcon}
              label={trans.__('Check again')}
              disabled={checking}
              onClick={() => void check()}
            />
          </div>
          <ul className="jp-agent-Welcome-list" aria-busy={checking}>
            {status.readiness.map(item => (
              <Readiness key={item.id} item={item} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
