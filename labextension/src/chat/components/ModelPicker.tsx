import { caretUpEmptyThinIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { IModel, IProvider } from '../../api/types';
import { useChat } from '../context';
import type { IChatState } from '../controller';

interface IGroup {
  provider: string;
  name: string;
  /** Why none of its models can be used, where that is so. */
  reason: string | null;
  models: IModel[];
}

function group(
  models: readonly IModel[],
  providers: readonly IProvider[],
  wanted: string
): IGroup[] {
  const groups = new Map<string, IGroup>();
  for (const provider of providers) {
    groups.set(provider.id, {
      provider: provider.id,
      name: provider.name,
      reason: provider.state === 'ready' ? null : (provider.next_action ?? ''),
      models: []
    });
  }
  for (const item of models) {
    const known = groups.get(item.provider) ?? {
      provider: item.provider,
      name: item.provider_name,
      reason: item.available ? null : (item.reason ?? ''),
      models: []
    };
    groups.set(item.provider, known);
    known.models.push(item);
  }
  const needle = wanted.trim().toLowerCase();
  return [...groups.values()]
    .map(entry => ({
      ...entry,
      models: entry.name.toLowerCase().includes(needle)
        ? entry.models
        : entry.models.filter(item =>
            `${item.name} ${item.id}`.toLowerCase().includes(needle)
          )
    }))
    .filter(
      entry =>
        entry.models.length > 0 || entry.name.toLowerCase().includes(needle)
    )
    .sort((one, other) => Number(!!one.reason) - Number(!!other.reason));
}

/** Chooses the model: searchable, by provider; says what is missing where one cannot be used. */
export function ModelPicker(props: {
  state: IChatState;
  /** What is searched for; null while the list is closed. */
  wanted: string | null;
  setWanted: (wanted: string | null) => void;
}): JSX.Element {
  const { controller, trans, addKey } = useChat();
  const { models, providers, choice } = props.state;
  const { setWanted } = props;
  const open = props.wanted !== null;
  const wanted = props.wanted ?? '';
  const [at, setAt] = useState(0);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const groups = useMemo(
    () => group(models, providers, wanted),
    [models, providers, wanted]
  );
  // One line for the keyboard: the models, and for a provider without any the way to set it up.
  const options = useMemo(
    () =>
      groups.flatMap<{ provider: string; model: IModel | null }>(entry =>
        entry.reason !== null
          ? [{ provider: entry.provider, model: null }]
          : entry.models.map(model => ({ provider: entry.provider, model }))
      ),
    [groups]
  );
  const current = models.find(
    item => item.id === choice?.model && item.provider === choice.provider
  );

  useEffect(() => {
    if (!open) {
      return;
    }
    const away = (event: PointerEvent) => {
      const target = event.target as Node;
      if (
        !popover.current?.contains(target) &&
        !button.current?.contains(target)
      ) {
        setWanted(null);
      }
    };
    document.addEventListener('pointerdown', away, true);
    return () => document.removeEventListener('pointerdown', away, true);
  }, [open, setWanted]);

  useEffect(() => {
    list.current
      ?.querySelector('[data-active="true"]')
      ?.scrollIntoView({ block: 'nearest' });
  }, [at, open]);

  const close = () => {
    setWanted(null);
    setAt(0);
    button.current?.focus();
  };
  const pick = (option: { provider: string; model: IModel | null }) => {
    close();
    if (option.model?.available) {
      void controller.choose({
        provider: option.provider,
        model: option.model.id
      });
    } else {
      addKey(option.provider);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setAt(
        (Math.min(at, options.length - 1) + step + options.length) %
          Math.max(1, options.length)
      );
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const option = options[Math.min(at, options.length - 1)];
      if (option) {
        pick(option);
      }
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      close();
    }
  };
  const active = Math.min(at, options.length - 1);

  return (
    <div className="jp-agent-Models">
      <button
        ref={button}
        type="button"
        className="jp-agent-button jp-agent-Models-button"
        aria-haspopup="listbox"
        aria-expanded={open}
        title={
          current
            ? trans.__('Model: %1, %2', current.name, current.provider_name)
            : trans.__('Choose a model')
        }
        onClick={() => setWanted(open ? null : '')}
      >
        <span className="jp-agent-Models-name">
          {current?.name ?? choice?.model ?? trans.__('No model')}
        </span>
        <caretUpEmptyThinIcon.react tag="span" className="jp-agent-icon" />
      </button>
      {open && (
        <div className="jp-agent-Popover" ref={popover}>
          <input
            className="jp-agent-input"
            // eslint-disable-next-line jsx-a11y/no-autofocus -- the user just opened it to choose
            autoFocus
            type="text"
            role="combobox"
            aria-expanded={true}
            aria-controls={`${id}-list`}
            aria-activedescendant={
              active >= 0 ? `${id}-option-${active}` : undefined
            }
            aria-label={trans.__('Search models')}
            placeholder={trans.__('Search models')}
            value={wanted}
            onChange={event => {
              setWanted(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
          <div
            ref={list}
            id={`${id}-list`}
            className="jp-agent-Models-list"
            role="listbox"
            aria-label={trans.__('Models')}
          >
            {groups.map(entry => (
              <div
                key={entry.provider}
                role="group"
                aria-label={entry.name}
                className="jp-agent-Models-group"
              >
                <div className="jp-agent-Models-provider" role="presentation">
                  {entry.name}
                </div>
                {(entry.reason !== null ? [null] : entry.models).map(item => {
                  const own = options.findIndex(
                    option =>
                      option.provider === entry.provider &&
                      option.model === item
                  );
                  const chosen =
                    item !== null &&
                    item.id === choice?.model &&
                    item.provider === choice.provider;
                  return (
                    // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the combobox has the keyboard
                    <div
                      key={item?.id ?? 'set-up'}
                      id={`${id}-option-${own}`}
                      role="option"
                      tabIndex={-1}
                      aria-selected={chosen}
                      data-active={own === active}
                      className={`jp-agent-Models-option ${item ? '' : 'jp-mod-missing'}`}
                      onClick={() =>
                        pick({ provider: entry.provider, model: item })
                      }
                      onPointerMove={() => setAt(own)}
                    >
                      <span className="jp-agent-Models-name">
                        {item ? item.name : trans.__('Set up…')}
                      </span>
                      <span className="jp-agent-Models-note">
                        {item
                          ? item.price_source === 'free'
                            ? trans.__('free')
                            : item.input_price && item.output_price
                              ? trans.__(
                                  '$%1 / $%2 per million',
                                  item.input_price,
                                  item.output_price
                                )
                              : ''
                          : entry.reason}
                      </span>
                    </div>
                  );
                })}
              </div>
            ))}
            {options.length === 0 && (
              <div className="jp-agent-Models-none">
                {trans.__('No model of this name')}
              </div>
            )}
          </div>
          <button
            type="button"
            className="jp-agent-button jp-agent-Models-more"
            onClick={() => {
              close();
              addKey();
            }}
          >
            {trans.__('Providers and keys…')}
          </button>
        </div>
      )}
    </div>
  );
}
