import { caretUpEmptyThinIcon, checkIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { IModel } from '../../api/types';
import { useChat } from '../context';
import type { IChatState, IChoice } from '../controller';
import { step } from '../menu';
import { groupModels, isChoice, tokens, withRecent } from '../models';

/** What was used last, in any tab of this browser. One that may not keep anything works all the same. */
const RECENT_KEY = 'jupyterlab-agent:recent-models';

function loadRecent(): IChoice[] {
  try {
    const kept: unknown = JSON.parse(
      window.localStorage.getItem(RECENT_KEY) ?? '[]'
    );
    return Array.isArray(kept) ? (kept as IChoice[]) : [];
  } catch {
    return [];
  }
}

function saveRecent(recent: readonly IChoice[]): void {
  try {
    window.localStorage.setItem(RECENT_KEY, JSON.stringify(recent));
  } catch (error) {
    console.warn('jupyterlab-agent: the models used are not kept', error);
  }
}

/** What is known of a model, in few characters. */
function noteOf(model: IModel, trans: TranslationBundle): string {
  const price =
    model.price_source === 'free'
      ? trans.__('free')
      : model.input_price && model.output_price
        ? trans.__('$%1 / $%2 per M', model.input_price, model.output_price)
        : null;
  const size = model.context_window
    ? trans.__('%1 tokens', tokens(model.context_window))
    : null;
  const blind = model.supports_images === false ? trans.__('text only') : null;
  return [size, blind, price].filter(part => part !== null).join(' · ');
}

function longNoteOf(model: IModel, trans: TranslationBundle): string {
  return model.input_price && model.output_price
    ? trans.__(
        '%1 by %2: $%3 per million tokens it reads, $%4 per million it writes',
        model.id,
        model.provider_name,
        model.input_price,
        model.output_price
      )
    : trans.__('%1 by %2', model.id, model.provider_name);
}

/** What the keyboard goes through: the models, and for a provider without any the way to set it up. */
interface IOption {
  key: string;
  provider: string;
  model: IModel | null;
}

/** Chooses the model: searchable, by provider; says what is missing where one cannot be used. */
export function ModelPicker(props: {
  state: IChatState;
  /** What is searched for; null while the list is closed. */
  wanted: string | null;
  setWanted: (wanted: string | null) => void;
}): JSX.Element {
  const { controller, trans, addKey } = useChat();
  const { models, providers, choice, phase } = props.state;
  const { setWanted } = props;
  const open = props.wanted !== null;
  const wanted = props.wanted ?? '';
  /** The option that is pointed at, and for which search. */
  const [pointed, setPointed] = useState<{
    wanted: string;
    at: number;
  } | null>(null);
  /** Enter was pressed before there was a list. */
  const [hasty, setHasty] = useState(false);
  const [recent, setRecent] = useState(loadRecent);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const loading = models.length === 0 && providers.length === 0;

  const groups = useMemo(
    () => groupModels(models, providers, wanted, recent),
    [models, providers, wanted, recent]
  );
  const options = useMemo(
    () =>
      groups.map(group => ({
        group,
        options:
          group.reason === null && group.models.length > 0
            ? group.models.map((model): IOption => ({
                key: `${group.key}/${model.id}`,
                provider: model.provider,
                model
              }))
            : [
                {
                  key: `${group.key}/+`,
                  provider: group.provider ?? '',
                  model: null
                }
              ]
      })),
    [groups]
  );
  const line = useMemo(
    () => options.flatMap(entry => entry.options),
    [options]
  );
  const current = models.find(item => isChoice(item, choice));
  const chosenAt = line.findIndex(
    option => option.model !== null && isChoice(option.model, choice)
  );
  const active = Math.min(
    pointed?.wanted === wanted
      ? pointed.at
      : wanted === ''
        ? Math.max(0, chosenAt)
        : 0,
    line.length - 1
  );
  const point = (at: number) => setPointed({ wanted, at });

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
    // It may not have come when the panel was opened.
    if (open && loading && phase === 'ready') {
      void controller.refreshModels();
    }
  }, [open, loading, phase, controller]);

  useEffect(() => {
    list.current
      ?.querySelector('[data-active="true"]')
      ?.scrollIntoView({ block: 'nearest' });
  }, [active, open]);

  const close = () => {
    setWanted(null);
    setHasty(false);
    setPointed(null);
    button.current?.focus();
  };
  const pick = (option: IOption) => {
    close();
    if (option.model?.available) {
      const picked = { provider: option.provider, model: option.model.id };
      const used = withRecent(loadRecent(), picked);
      setRecent(used);
      saveRecent(used);
      void controller.choose(picked);
    } else {
      addKey(option.provider || undefined);
    }
  };
  const picked = useRef(pick);
  useEffect(() => {
    picked.current = pick;
  });
  useEffect(() => {
    const first = line[0];
    if (open && hasty && !loading) {
      if (first?.model) {
        picked.current(first);
      }
    }
  }, [open, hasty, loading, line]);

  const onKeyDown = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    const { key } = event;
    if (key === 'Escape' || (key === 'Tab' && event.shiftKey)) {
      event.preventDefault();
      close();
    } else if (key === 'ArrowDown' || key === 'ArrowUp') {
      event.preventDefault();
      point(step(active, key === 'ArrowDown' ? 1 : -1, line.length));
    } else if (key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      const option = line[active];
      if (option) {
        pick(option);
      } else if (loading) {
        setHasty(true);
      }
    } else if (key === 'Tab') {
      event.preventDefault();
      more.current?.focus();
    }
  };

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
        <div
          className="jp-agent-Popover"
          ref={popover}
          // Escape is for the list, not for the turn.
          data-lm-suppress-shortcuts={true}
        >
          <input
            ref={input}
            className="jp-agent-input"
            // eslint-disable-next-line jsx-a11y/no-autofocus -- the user just opened it to choose
            autoFocus
            type="text"
            role="combobox"
            aria-expanded={true}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={
              active >= 0 ? `${id}-option-${active}` : undefined
            }
            aria-label={trans.__('Search models')}
            placeholder={trans.__('Search models')}
            value={wanted}
            onChange={event => {
              setWanted(event.target.value);
              setHasty(false);
            }}
            onKeyDown={onKeyDown}
          />
          <div
            ref={list}
            id={`${id}-list`}
            className="jp-agent-Models-list"
            role="listbox"
            aria-label={trans.__('Models')}
            aria-busy={loading}
          >
            {options.map(({ group, options: own }) => {
              const name = group.name ?? trans.__('Used last');
              return (
                <div
                  key={group.key}
                  role="group"
                  aria-label={name}
                  className="jp-agent-Models-group"
                >
                  <div className="jp-agent-Models-provider" role="presentation">
                    {name}
                    {group.reason !== null && (
                      <span className="jp-agent-Models-missing">
                        {trans.__('not set up')}
                      </span>
                    )}
                  </div>
                  {own.map(option => {
                    const at = line.indexOf(option);
                    const { model } = option;
                    const chosen = model !== null && isChoice(model, choice);
                    const note = model
                      ? noteOf(model, trans)
                      : (group.reason ?? trans.__('It lists no models.'));
                    return (
                      // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the combobox has the keyboard
                      <div
                        key={option.key}
                        id={`${id}-option-${at}`}
                        role="option"
                        tabIndex={-1}
                        aria-selected={chosen}
                        data-active={at === active}
                        className={`jp-agent-Models-option ${model ? '' : 'jp-mod-missing'}`}
                        title={model ? longNoteOf(model, trans) : undefined}
                        onMouseDown={event => event.preventDefault()}
                        onClick={() => pick(option)}
                        onPointerMove={() => point(at)}
                      >
                        <span className="jp-agent-Models-name">
                          {model ? model.name : trans.__('Set it up…')}
                        </span>
                        {chosen && (
                          <checkIcon.react
                            tag="span"
                            className="jp-agent-icon"
                          />
                        )}
                        {note && (
                          <span className="jp-agent-Models-note">{note}</span>
                        )}
                      </div>
                    );
                  })}
                </div>
              );
            })}
          </div>
          {line.length === 0 && (
            <div className="jp-agent-Models-none" role="status">
              {!loading
                ? trans.__('No model of this name')
                : hasty
                  ? trans.__('The first that fits is taken when they are here…')
                  : trans.__('Loading the models…')}
            </div>
          )}
          <button
            ref={more}
            type="button"
            className="jp-agent-button jp-agent-Models-more"
            onKeyDown={event => {
              event.stopPropagation();
              if (event.key === 'Escape') {
                event.preventDefault();
                close();
              } else if (event.key === 'Tab') {
                event.preventDefault();
                if (event.shiftKey) {
                  input.current?.focus();
                } else {
                  close();
                }
              }
            }}
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
