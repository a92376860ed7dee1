import { imageIcon } from '@jupyterlab/ui-components';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type {
  IContextRef,
  IContextSource,
  IContextSuggestion
} from '../../tokens';
import { useChat } from '../context';
import { refKey } from '../draft';
import { best, triggerAt, withoutTrigger, type ITrigger } from '../menu';
import { matching } from '../slash';
import { iconOf } from './contextIcons';
import type { IMenuGroup } from './Menu';

/** Of one source this many are shown. */
const SHOWN = 12;
/** Milliseconds without a key before sources are asked for what was typed. */
const PATIENCE = 80;

interface IFound {
  items: readonly IContextSuggestion[];
  busy: boolean;
  problem: string | null;
}

/** What the sources have for what was typed; what was found before stays until they answer. Null asks nobody. */
function useSuggestions(query: string | null): {
  sources: readonly IContextSource[];
  found: ReadonlyMap<string, IFound>;
} {
  const { contextSources } = useChat();
  const [found, setFound] = useState<ReadonlyMap<string, IFound>>(new Map());
  const open = query !== null;
  // Those there are when the menu opens.
  const sources = useMemo(
    () => (open ? contextSources() : []),
    [open, contextSources]
  );

  useEffect(() => {
    if (query === null) {
      return;
    }
    let stale = false;
    const put = (id: string, change: (before: IFound) => IFound) => {
      if (!stale) {
        setFound(before =>
          new Map(before).set(
            id,
            change(before.get(id) ?? { items: [], busy: true, problem: null })
          )
        );
      }
    };
    const ask = async (source: IContextSource) => {
      put(source.id, before => ({ ...before, busy: true }));
      try {
        const items = await source.suggest(query);
        put(source.id, () => ({ items, busy: false, problem: null }));
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        put(source.id, () => ({ items: [], busy: false, problem }));
      }
    };
    const timer = setTimeout(
      () => sources.forEach(source => void ask(source)),
      query === '' ? 0 : PATIENCE
    );
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [query, sources]);

  return { sources, found };
}

export interface IBoxMenu {
  trigger: ITrigger | null;
  groups: readonly IMenuGroup[];
  /** What stands there when nothing fits. */
  empty: string;
  label: string;
  close: () => void;
}

/** The menu of what stands at the cursor: things to attach after `@`, commands after `/`. */
export function useMenu(options: {
  text: string;
  caret: number;
  disabled: boolean;
  /** The text is another one now, and the cursor goes there. */
  write: (text: string, caret: number) => void;
  choosePictures: () => void;
}): IBoxMenu {
  const { controller, composer, trans } = useChat();
  const { text, caret, disabled, write, choosePictures } = options;
  const [closed, setClosed] = useState<string | null>(null);
  const here = useMemo(() => triggerAt(text, caret), [text, caret]);
  // Escape closes it for this `@` or this `/`.
  const id = here && `${here.kind} ${here.start}`;
  if (id === null && closed !== null) {
    setClosed(null);
  }
  const trigger = disabled || id === closed ? null : here;
  const query = trigger?.kind === 'context' ? trigger.query : null;
  const { sources, found } = useSuggestions(query);

  const close = useCallback(() => setClosed(id), [id]);

  const groups = useMemo((): readonly IMenuGroup[] => {
    if (!trigger) {
      return [];
    }
    if (trigger.kind === 'command') {
      return [
        {
          key: 'commands',
          label: null,
          items: matching(composer.commands, trigger.query).map(command => ({
            key: command.name,
            label: `/${command.name}`,
            hint: command.hint,
            detail: command.label,
            disabled: command.isEnabled?.() === false,
            run: complete => {
              const rest = text.slice(trigger.end).trim();
              const optional = !command.hint || command.hint.startsWith('[');
              if (complete || !optional) {
                const begun = `/${command.name} `;
                write(begun + rest, begun.length);
              } else {
                void composer.run(command.name, rest);
              }
            }
          }))
        }
      ];
    }
    const drop = () => {
      const left = withoutTrigger(text, trigger);
      write(left.text, left.caret);
    };
    const picture = best(
      [trans.__('Picture from this computer…')],
      trigger.query,
      label => [label]
    );
    const attached = new Set(controller.draft.refs.map(refKey));
    // Of two sources that have the same document the first shows it.
    const shown = new Set<string>();
    const isNew = ({ kind, path }: IContextRef): boolean => {
      if (path === undefined || !(kind === 'notebook' || kind === 'file')) {
        return true;
      }
      const before = shown.size;
      return shown.add(path).size > before;
    };
    return [
      ...sources.map(source => {
        const known = found.get(source.id);
        return {
          key: source.id,
          label: source.label,
          busy: known?.busy ?? true,
          problem: known?.problem ?? null,
          items: (known?.items ?? [])
            .filter(item => isNew(item.ref) && !attached.has(refKey(item.ref)))
            .slice(0, SHOWN)
            .map(item => ({
              key: refKey(item.ref),
              label: item.ref.name,
              detail: item.detail,
              icon: item.icon ?? iconOf(item.ref.kind),
              run: () => {
                drop();
                controller.draft.attach(item.ref);
              }
            }))
        };
      }),
      {
        key: 'pictures',
        label: trans.__('Pictures'),
        items: picture.map(label => ({
          key: 'picture',
          label,
          icon: imageIcon,
          run: () => {
            drop();
            choosePictures();
          }
        }))
      }
    ];
  }, [
    trigger,
    text,
    composer,
    controller,
    found,
    sources,
    trans,
    write,
    choosePictures
  ]);

  return {
    trigger,
    groups,
    close,
    label:
      trigger?.kind === 'command'
        ? trans.__('Commands')
        : trans.__('What can be attached'),
    empty:
      trigger?.kind === 'command'
        ? trans.__('No such command. // at the start sends it as text.')
        : trans.__('Nothing of this name')
  };
}
