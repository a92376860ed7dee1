import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import React, { useEffect, useId, useRef, useState } from 'react';
import type { AgentClient } from '../api/client';
import type { IProvider, IVerifyResult, ProviderKind } from '../api/types';
import { step } from './menu';

interface IProviderFormProps {
  client: AgentClient;
  trans: TranslationBundle;
  providerId?: string;
  /** It is set up; null where it was not tried. */
  onDone: (result: IVerifyResult | null) => void;
}

/** A choice that is no provider yet: any server that speaks OpenAI's format. */
const CUSTOM = '+openai_compatible';

const NEEDS_NO_KEY: readonly ProviderKind[] = ['local', 'ollama'];

/** Chooses a provider, takes its key, tries it with a real call and hands it to the server, which alone keeps it. */
function ProviderForm(props: IProviderFormProps): JSX.Element {
  const { client, trans, onDone } = props;
  const [providers, setProviders] = useState<IProvider[] | null>(null);
  const [chosen, setChosen] = useState('');
  const [key, setKey] = useState('');
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<IVerifyResult | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();

  useEffect(() => {
    client
      .listProviders()
      .then(found => {
        setProviders(found);
        const wanted =
          found.find(provider => provider.id === props.providerId) ??
          found.find(
            provider =>
              provider.state === 'needs_key' && provider.kind !== 'local'
          ) ??
          found[0];
        setChosen(wanted?.id ?? CUSTOM);
      })
      .catch((error: unknown) => setProblem(messageOf(error)));
  }, [client, props.providerId]);

  const custom = chosen === CUSTOM;
  const form = useRef<HTMLFormElement>(null);
  const loaded = providers !== null;
  useEffect(() => {
    // Where one goes on: the key, or where there is none to paste, the choice.
    const node =
      form.current?.querySelector<HTMLElement>('input[type="password"]') ??
      form.current?.querySelector('select');
    node?.focus();
  }, [loaded]);
  const provider = providers?.find(item => item.id === chosen) ?? null;
  const keyless = provider !== null && NEEDS_NO_KEY.includes(provider.kind);
  const complete = custom
    ? name.trim() !== '' && address.trim() !== ''
    : keyless || key.trim() !== '' || provider?.key_source !== 'none';

  const save = async (tried: IVerifyResult | null) => {
    const secret = key.trim();
    if (custom) {
      await client.createProvider({
        kind: 'openai_compatible',
        name: name.trim(),
        base_url: address.trim(),
        api_key: secret || null
      });
    } else if (provider && secret) {
      await client.setProviderKey(provider.id, secret);
    }
    setKey('');
    onDone(tried);
  };

  const run = async (verify: boolean) => {
    setBusy(true);
    setProblem(null);
    let tried: IVerifyResult | null = null;
    try {
      if (verify) {
        setResult(null);
        const secret = key.trim();
        const answer = await client.verifyProvider(
          custom
            ? {
                kind: 'openai_compatible',
                name: name.trim(),
                base_url: address.trim(),
                api_key: secret || null
              }
            : {
                kind: provider!.kind,
                name: provider!.name,
                base_url: provider!.base_url ?? null,
                api_key: secret || (keyless ? null : '***'),
                provider_id: provider!.id
              }
        );
        tried = answer;
        setResult(answer);
        if (!answer.ok) {
          return;
        }
      }
      await save(tried);
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  };

  if (!providers) {
    return (
      <div className="jp-agent-Provider">{problem ?? trans.__('Loading…')}</div>
    );
  }
  return (
    <form
      ref={form}
      className="jp-agent-Provider"
      onSubmit={event => {
        event.preventDefault();
        if (complete && !busy) {
          void run(true);
        }
      }}
    >
      <label htmlFor={`${id}-provider`}>{trans.__('Provider')}</label>
      <HTMLSelect
        id={`${id}-provider`}
        value={chosen}
        onChange={event => {
          setChosen(event.target.value);
          setResult(null);
          setProblem(null);
        }}
      >
        {providers.map(item => (
          <option key={item.id} value={item.id}>
            {item.state === 'ready'
              ? trans.__('%1 (ready)', item.name)
              : item.name}
          </option>
        ))}
        <option value={CUSTOM}>
          {trans.__('Another server that speaks the OpenAI format…')}
        </option>
      </HTMLSelect>
      {custom && (
        <>
          <label htmlFor={`${id}-name`}>{trans.__('Name')}</label>
          <input
            id={`${id}-name`}
            className="jp-mod-styled"
            type="text"
            value={name}
            maxLength={100}
            onChange={event => setName(event.target.value)}
          />
          <label htmlFor={`${id}-address`}>{trans.__('Address')}</label>
          <input
            id={`${id}-address`}
            className="jp-mod-styled"
            type="url"
            placeholder={trans.__('https://example.org/v1')}
            value={address}
            onChange={event => setAddress(event.target.value)}
          />
        </>
      )}
      {!keyless && (
        <>
          <label htmlFor={`${id}-key`}>{trans.__('Key')}</label>
          <input
            id={`${id}-key`}
            className="jp-mod-styled"
            type="password"
            autoComplete="off"
            spellCheck={false}
            value={key}
            placeholder={
              provider?.key_source === 'stored'
                ? trans.__('A key is stored; paste another to replace it')
                : provider?.key_source === 'environment'
                  ? trans.__('From %1', provider.key_env ?? '')
                  : trans.__('Paste the key')
            }
            onChange={event => {
              setKey(event.target.value);
              setResult(null);
            }}
          />
        </>
      )}
      <p className="jp-agent-Provider-note">
        {keyless
          ? (provider?.next_action ?? trans.__('This provider needs no key.'))
          : trans.__(
              'The key goes to the Jupyter server, which keeps it and never shows it again. Nothing is kept in the browser.'
            )}
      </p>
      {!keyless && provider?.state === 'needs_package' && (
        <p className="jp-agent-Provider-note">{provider.next_action}</p>
      )}
      <div role="status">
        {busy && (
          <p className="jp-agent-Provider-busy">
            <span className="jp-agent-Spinner" />
            {trans.__('Trying it with a real call…')}
          </p>
        )}
        {!busy && result?.ok && <p>{answered(result, trans)}</p>}
      </div>
      {result && !result.ok && (
        <div className="jp-agent-Outcome jp-mod-error" role="alert">
          <div className="jp-agent-Outcome-title">
            {trans.__('It does not work')}
          </div>
          <div className="jp-agent-Outcome-detail">{result.error}</div>
          {result.next_action && (
            <div className="jp-agent-Outcome-detail">{result.next_action}</div>
          )}
        </div>
      )}
      {problem && (
        <div className="jp-agent-Outcome jp-mod-error" role="alert">
          {problem}
        </div>
      )}
      <div className="jp-agent-actions jp-agent-Provider-actions">
        {result && !result.ok && (
          <button
            type="button"
            className="jp-agent-button"
            disabled={busy}
            onClick={() => void run(false)}
          >
            {trans.__('Save anyway')}
          </button>
        )}
        <button
          type="submit"
          className="jp-agent-button jp-mod-primary"
          disabled={!complete || busy}
        >
          {key.trim() || custom
            ? trans.__('Check and save')
            : trans.__('Check')}
        </button>
      </div>
    </form>
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What came of a try that went well, with the words of the model. */
export function answered(
  result: IVerifyResult,
  trans: TranslationBundle
): string {
  const seconds = (result.latency_ms / 1000).toFixed(1);
  const model = result.model ?? trans.__('It');
  const words = result.text?.trim();
  return words
    ? trans.__('%1 answered in %2 s: “%3”', model, seconds, words)
    : trans.__('%1 answered in %2 s.', model, seconds);
}

/** Enter belongs to the form inside, not to the dialog; Tab stays in it. */
class ProviderDialog extends Dialog<unknown> {
  override handleEvent(event: Event): void {
    const inForm =
      event.target instanceof Element &&
      event.target.closest('form.jp-agent-Provider') !== null;
    if (event instanceof KeyboardEvent && event.key === 'Enter' && inForm) {
      return;
    }
    if (event instanceof KeyboardEvent && event.key === 'Tab') {
      this._cycle(event);
      return;
    }
    super.handleEvent(event);
  }

  private _cycle(event: KeyboardEvent): void {
    const stops = [
      ...this.node.querySelectorAll<HTMLElement>('input, select, button')
    ].filter(
      node => !(node as HTMLButtonElement).disabled && node.tabIndex >= 0
    );
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const next = step(at, event.shiftKey ? -1 : 1, stops.length);
    event.preventDefault();
    event.stopPropagation();
    stops[next]?.focus();
  }
}

/**
 * Lets the user set up a provider. Resolves when the dialog is closed: with what came of the try, null where nothing was
 * set up.
 */
export async function showProviderDialog(options: {
  client: AgentClient;
  trans: TranslationBundle;
  providerId?: string;
}): Promise<IVerifyResult | null> {
  const { trans } = options;
  let result: IVerifyResult | null = null;
  const body = ReactWidget.create(
    <ProviderForm
      {...options}
      onDone={tried => {
        result = tried;
        dialog.dispose();
      }}
    />
  );
  const dialog = new ProviderDialog({
    title: trans.__('Providers and keys'),
    body,
    buttons: [],
    hasClose: true
  });
  dialog.addClass('jp-agent-ProviderDialog');
  dialog.node.setAttribute('role', 'dialog');
  dialog.node.setAttribute('aria-label', trans.__('Providers and keys'));
  // Disposing is how the form says that it is done; then there is no result to wait for.
  await Promise.race([
    dialog.launch().catch(() => undefined),
    new Promise<void>(resolve => {
      dialog.disposed.connect(() => resolve(), dialog);
    })
  ]);
  return result;
}
