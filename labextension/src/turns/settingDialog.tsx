/** One setting of the server, to be changed. */
import { Dialog, ReactWidget, showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';
import type { IConfigSetting } from '../api/types';
import type { IAgentClient } from '../tokens';
import { messageOf } from '../ui/words';

/** What is in the box, as the setting's value. */
export function readValue(written: string, before: unknown): unknown {
  if (typeof before === 'number') {
    const value = Number(written.trim().replace(/[\s,_]/g, ''));
    return written.trim() === '' || Number.isNaN(value) ? written : value;
  }
  if (typeof before === 'boolean') {
    return written === 'true';
  }
  if (typeof before === 'string') {
    return written;
  }
  try {
    return JSON.parse(written) as unknown;
  } catch {
    return written;
  }
}

function shownValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function Editor(props: {
  setting: IConfigSetting;
  trans: TranslationBundle;
  onChange: (written: string) => void;
}): JSX.Element {
  const { setting, trans, onChange } = props;
  const [written, setWritten] = useState(shownValue(setting.value));
  const id = useId();
  const change = (value: string) => {
    setWritten(value);
    onChange(value);
  };
  return (
    <div className="jp-agent-Setting">
      <p id={`${id}-help`}>{setting.help}</p>
      <label htmlFor={id}>{setting.name}</label>
      {typeof setting.value === 'boolean' ? (
        <input
          id={id}
          type="checkbox"
          disabled={!setting.mutable}
          checked={written === 'true'}
          aria-describedby={`${id}-help`}
          onChange={event => change(String(event.target.checked))}
        />
      ) : typeof setting.value === 'string' ? (
        <textarea
          id={id}
          className="jp-agent-Editor-input"
          rows={8}
          readOnly={!setting.mutable}
          value={written}
          aria-describedby={`${id}-help`}
          onChange={event => change(event.target.value)}
        />
      ) : (
        <input
          id={id}
          className="jp-agent-input"
          type="text"
          readOnly={!setting.mutable}
          value={written}
          aria-describedby={`${id}-help`}
          onChange={event => change(event.target.value)}
        />
      )}
      {!setting.mutable && (
        <p>
          {trans.__(
            'The administrator of this server has set it: it cannot be changed here.'
          )}
        </p>
      )}
      {setting.restart_required && (
        <p>{trans.__('A change counts from the next start of the server.')}</p>
      )}
    </div>
  );
}

/**
 * Lets the user change a setting.
 *
 * @returns whether it was changed.
 * @throws ApiError; UnreachableError; Error where the server has no such setting.
 */
export async function showSetting(options: {
  client: IAgentClient;
  trans: TranslationBundle;
  name: string;
}): Promise<boolean> {
  const { client, trans, name } = options;
  const config = await client.getConfig();
  const setting = config.settings.find(one => one.name === name);
  if (!setting) {
    throw new Error(trans.__('The server has no setting %1.', name));
  }
  let written = shownValue(setting.value);
  const dialog = new Dialog({
    title: trans.__('Setting of the agent'),
    body: ReactWidget.create(
      <Editor
        setting={setting}
        trans={trans}
        onChange={value => {
          written = value;
        }}
      />
    ),
    buttons: setting.mutable
      ? [
          Dialog.cancelButton({ label: trans.__('Cancel') }),
          Dialog.okButton({ label: trans.__('Save') })
        ]
      : [Dialog.okButton({ label: trans.__('Close') })]
  });
  const { button } = await dialog.launch();
  if (
    !button.accept ||
    !setting.mutable ||
    written === shownValue(setting.value)
  ) {
    return false;
  }
  try {
    await client.patchConfig(
      { [name]: readValue(written, setting.value) },
      config.version
    );
  } catch (error) {
    await showErrorMessage(
      trans.__('The setting was not saved'),
      messageOf(error)
    );
    return false;
  }
  return true;
}
