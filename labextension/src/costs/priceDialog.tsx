/** Says what a model costs, where nobody knows. Loaded with the dashboard. */
import {
  Dialog,
  Notification,
  ReactWidget,
  showDialog
} from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';
import type { IProviderWrite } from '../api/types';
import type { IAgentClient } from '../tokens';
import { messageOf } from '../ui/words';
import { tidied } from './budgets';

interface IModelAt {
  provider: string;
  model: string;
}

interface IPrice extends IModelAt {
  input: string;
  output: string;
  cacheRead: string;
}

/** As the server's. */
const AMOUNT = /^\d{1,12}(\.\d{1,12})?$/;

/** Keeps the price with the provider; it counts for requests from then on. */
async function savePrice(client: IAgentClient, price: IPrice): Promise<void> {
  const found = (await client.listProviders()).find(
    one => one.id === price.provider
  );
  if (!found) {
    throw new Error(price.provider);
  }
  const write: IProviderWrite = {
    kind: found.kind,
    name: found.name,
    base_url: found.base_url,
    // Stars and null both leave what is stored as it is.
    api_key: found.key_source === 'stored' ? found.api_key : null,
    headers: found.headers,
    enabled: found.enabled,
    default_model: found.default_model,
    models: found.models,
    options: found.options,
    prices: {
      ...found.prices,
      [price.model]: {
        input: price.input,
        output: price.output,
        cache_read: price.cacheRead || null
      }
    }
  };
  await client.updateProvider(price.provider, write);
}

class PriceForm extends ReactWidget {
  constructor(
    private readonly _models: readonly IModelAt[],
    private readonly _trans: TranslationBundle,
    private readonly _problem: string
  ) {
    super();
    this.addClass('jp-agent-PriceForm');
    this._price = {
      ..._models[0]!,
      input: '',
      output: '',
      cacheRead: ''
    };
  }

  getValue(): IPrice {
    const { input, output, cacheRead } = this._price;
    return {
      ...this._price,
      input: tidied(input),
      output: tidied(output),
      cacheRead: tidied(cacheRead)
    };
  }

  set price(price: IPrice) {
    this._price = price;
  }

  protected override render(): JSX.Element {
    return (
      <Fields
        models={this._models}
        price={this._price}
        problem={this._problem}
        trans={this._trans}
        onChange={price => {
          this._price = price;
        }}
      />
    );
  }

  private _price: IPrice;
}

function Fields(props: {
  models: readonly IModelAt[];
  price: IPrice;
  problem: string;
  trans: TranslationBundle;
  onChange: (price: IPrice) => void;
}): JSX.Element {
  const { models, trans } = props;
  const [price, setPrice] = useState(props.price);
  const id = useId();
  const change = (part: Partial<IPrice>): void => {
    const next = { ...price, ...part };
    setPrice(next);
    props.onChange(next);
  };
  const field = (
    name: 'input' | 'output' | 'cacheRead',
    label: string
  ): JSX.Element => (
    <>
      <label htmlFor={`${id}${name}`}>{label}</label>
      <input
        id={`${id}${name}`}
        className="jp-agent-input"
        inputMode="decimal"
        autoComplete="off"
        value={price[name]}
        onChange={event => change({ [name]: event.target.value })}
      />
    </>
  );
  return (
    <div className="jp-agent-PriceForm-fields">
      <p>
        {trans.__(
          'US dollars for a million tokens, as the provider’s price list has it. It counts for requests from now on.'
        )}
      </p>
      <label htmlFor={`${id}model`}>{trans.__('Model')}</label>
      <select
        id={`${id}model`}
        className="jp-agent-input"
        value={models.findIndex(
          one => one.provider === price.provider && one.model === price.model
        )}
        onChange={event => change({ ...models[Number(event.target.value)]! })}
      >
        {models.map((one, index) => (
          <option key={index} value={index}>
            {`${one.model} (${one.provider})`}
          </option>
        ))}
      </select>
      {field('input', trans.__('Input'))}
      {field('output', trans.__('Output'))}
      {field('cacheRead', trans.__('Read from the cache (may be empty)'))}
      {props.problem && (
        <p className="jp-agent-BudgetEditor-problem" role="alert">
          {props.problem}
        </p>
      )}
    </div>
  );
}

/** Asks for the price of one of these models until it is kept, or nobody wants to say it. Resolves with whether it is. */
export async function askPrice(options: {
  client: IAgentClient;
  trans: TranslationBundle;
  models: readonly IModelAt[];
}): Promise<boolean> {
  const { client, trans, models } = options;
  let problem = '';
  let typed: IPrice | null = null;
  for (;;) {
    const body = new PriceForm(models, trans, problem);
    if (typed) {
      body.price = typed;
    }
    const result = await showDialog<IPrice>({
      title: trans.__('What does it cost?'),
      body,
      focusNodeSelector: 'input',
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Save price') })
      ]
    });
    if (!result.button.accept || !result.value) {
      return false;
    }
    typed = result.value;
    if (
      !AMOUNT.test(typed.input) ||
      !AMOUNT.test(typed.output) ||
      (typed.cacheRead && !AMOUNT.test(typed.cacheRead))
    ) {
      problem = trans.__('Prices are amounts of US dollars, such as 0.25');
      continue;
    }
    try {
      await savePrice(client, typed);
      Notification.success(trans.__('The price is kept.'), { autoClose: 4000 });
      return true;
    } catch (error) {
      problem = trans.__('The price is not saved: %1', messageOf(error));
    }
  }
}
