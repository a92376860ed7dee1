import { addIcon, stopIcon } from '@jupyterlab/ui-components';
import React, {
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore
} from 'react';
import { sendIcon } from '../../icons';
import type { IContextSource, IContextSuggestion } from '../../tokens';
import { useChat, useChatSettings } from '../context';
import type { IChatState } from '../controller';
import { refKey, type IDraft } from '../draft';
import { listenForDrops } from '../drop';
import { step } from '../menu';
import { current } from '../model';
import { parse } from '../slash';
import { placeholder } from '../wording';
import { ContextBar } from './ContextBar';
import { ModeSwitch } from '../../tools/ModeSwitch';
import { IconButton } from '../../ui/IconButton';
import { Menu, optionId } from './Menu';
import { ModelPicker } from './ModelPicker';
import { Notice, useComposerState } from './Notice';
import { useMenu } from './useMenu';

/** Of what the user works on this many things are offered. */
const OFFERED = 3;

/** What is written, drawn again when it changes. */
function useDraft(): { draft: IDraft; problems: ReadonlyMap<string, string> } {
  const model = useChat().controller.draft;
  const subscribe = useCallback(
    (callback: () => void) => {
      const slot = () => callback();
      model.changed.connect(slot);
      return () => {
        model.changed.disconnect(slot);
      };
    },
    [model]
  );
  const draft = useSyncExternalStore(subscribe, () => model.current);
  const problems = useSyncExternalStore(subscribe, () => model.problems);
  return { draft, problems };
}

/** What the user works on now. */
function useCurrent(attention: number): readonly IContextSuggestion[] {
  const { contextSources } = useChat();
  const [, setMoved] = useState(0);
  // Sources may have come since the panel was drawn: whoever turns to the box sees them.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
  const sources = useMemo(() => contextSources(), [contextSources, attention]);
  useEffect(() => {
    const slot = () => setMoved(count => count + 1);
    const told = sources.filter(
      (
        source
      ): source is IContextSource &
        Required<Pick<IContextSource, 'currentChanged'>> =>
        source.currentChanged !== undefined
    );
    told.forEach(source => source.currentChanged.connect(slot));
    return () => {
      told.forEach(source => source.currentChanged.disconnect(slot));
    };
  }, [sources]);
  return sources.flatMap(source => source.current?.() ?? []);
}

/**
 * Where one writes. Enter sends, Shift+Enter makes a line; what is sent while a turn runs is guidance. `@` attaches what
 * the agent should read, `/` at the start is a command.
 */
export function Composer(props: {
  state: IChatState;
  picking: string | null;
  setPicking: (wanted: string | null) => void;
  /** The list of modes is open. */
  choosingMode: boolean;
  setChoosingMode: (open: boolean) => void;
  inputRef: React.RefObject<HTMLTextAreaElement>;
}): JSX.Element {
  const { controller, composer, trans } = useChat();
  const { sendWith } = useChatSettings();
  const { state, inputRef } = props;
  const { draft, problems } = useDraft();
  const { sending } = useComposerState();
  const running = current(state.conversation);
  /** What is sent now is guidance. */
  const guiding = running?.state === 'running';
  const hint = placeholder(running, state.connection, trans);
  const ready = state.phase === 'ready' && !sending;
  const attached = draft.refs.length + draft.pictures.length > 0;
  const empty = draft.text.trim() === '' && !attached;

  const box = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const menuId = useId();
  const [caret, setCaret] = useState(0);
  /** The active option, and for what was typed when it became so. */
  const [pointed, setPointed] = useState({ query: '', at: 0 });
  const [over, setOver] = useState(false);
  const [attention, setAttention] = useState(0);
  /** Where the cursor goes when the text that was written for the user is drawn. */
  const goTo = useRef<number | null>(null);
  /** The button put an `@` there. */
  const ownAt = useRef(false);

  const offered = useCurrent(attention);

  const write = useCallback(
    (text: string, caretAfter: number) => {
      goTo.current = caretAfter;
      controller.draft.setText(text);
      setCaret(caretAfter);
    },
    [controller]
  );
  const choosePictures = useCallback(() => chooser.current?.click(), []);
  const menu = useMenu({
    text: draft.text,
    caret,
    disabled: sending || state.phase === 'failed',
    write,
    choosePictures
  });
  const items = menu.groups.flatMap(group => group.items);
  const open = menu.trigger !== null;
  const queryKey = menu.trigger
    ? `${menu.trigger.kind} ${menu.trigger.query}`
    : '';
  const active = Math.min(
    pointed.query === queryKey ? pointed.at : 0,
    items.length - 1
  );
  const setAt = (at: number) => setPointed({ query: queryKey, at });

  useLayoutEffect(() => {
    const input = inputRef.current;
    if (input) {
      input.style.height = 'auto';
      input.style.height = `${input.scrollHeight}px`;
      if (goTo.current !== null) {
        input.setSelectionRange(goTo.current, goTo.current);
        goTo.current = null;
      }
    }
  }, [draft.text, inputRef]);

  useEffect(() => {
    // The box is as wide as the panel: another width, other lines.
    const observer = new ResizeObserver(() => {
      const input = inputRef.current;
      if (input) {
        input.style.height = 'auto';
        input.style.height = `${input.scrollHeight}px`;
      }
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, [inputRef]);

  const addPictures = useCallback(
    (files: readonly File[]) => {
      const problem = composer.pictures.add(files);
      if (problem) {
        composer.say({ kind: 'error', text: problem });
      }
      inputRef.current?.focus();
    },
    [composer, inputRef]
  );

  useEffect(() => {
    // The whole panel takes what is dropped.
    const node = box.current!.closest<HTMLElement>('.jp-agent-Chat');
    return listenForDrops(node ?? box.current!, {
      files: addPictures,
      paths: paths => {
        void composer.attachPaths(paths);
        inputRef.current?.focus();
      },
      over: setOver
    });
  }, [addPictures, composer, inputRef]);

  const focusInput = () => inputRef.current?.focus();
  const submit = () => void composer.submit();
  const closeMenu = () => {
    const { trigger } = menu;
    if (ownAt.current && trigger?.query === '') {
      // Nobody typed it.
      write(
        draft.text.slice(0, trigger.start) + draft.text.slice(trigger.end),
        trigger.start
      );
    } else {
      menu.close();
    }
    ownAt.current = false;
  };
  const openAttach = () => {
    const input = inputRef.current;
    const place = input?.selectionStart ?? draft.text.length;
    const before = draft.text.slice(0, place);
    const sign = before === '' || /\s$/.test(before) ? '@' : ' @';
    write(before + sign + draft.text.slice(place), place + sign.length);
    ownAt.current = true;
    focusInput();
  };
  const history = () =>
    controller.state.conversation.exchanges
      .map(exchange => exchange.text)
      .filter(text => text !== '');

  const onKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes, the keys belong to it.
    if (event.nativeEvent.isComposing) {
      return;
    }
    const { key } = event;
    const done = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (open) {
      const item = items[active];
      if (key === 'ArrowDown' || key === 'ArrowUp') {
        done();
        setAt(step(active, key === 'ArrowDown' ? 1 : -1, items.length));
        return;
      }
      if (key === 'Escape') {
        done();
        closeMenu();
        return;
      }
      if (item && ((key === 'Enter' && !event.shiftKey) || key === 'Tab')) {
        done();
        item.run(key === 'Tab');
        ownAt.current = false;
        return;
      }
    }
    const accel = event.ctrlKey || event.metaKey;
    if (
      key === 'Enter' &&
      !event.shiftKey &&
      (sendWith === 'enter' || accel || parse(draft.text).kind === 'command')
    ) {
      done();
      closeMenu();
      submit();
      return;
    }
    const plain = !accel && !event.altKey && !event.shiftKey;
    if (plain && (key === 'ArrowUp' || key === 'ArrowDown')) {
      if (controller.draft.recall(history(), key === 'ArrowUp')) {
        done();
        const end = controller.draft.text.length;
        goTo.current = end;
        setCaret(end);
      }
      return;
    }
    if (plain && key === 'Backspace' && draft.text === '' && attached) {
      done();
      const chips = bar.current?.querySelectorAll<HTMLElement>(
        '.jp-agent-Chip:not(.jp-mod-offered) .jp-agent-Chip-main'
      );
      chips?.[chips.length - 1]?.focus();
    }
  };

  const chosen = state.models.find(
    item =>
      item.id === state.choice?.model && item.provider === state.choice.provider
  );
  const blind =
    chosen?.supports_images === false
      ? trans.__('%1 sees no pictures: choose another model.', chosen.name)
      : null;
  const taken = new Set(draft.refs.map(refKey));
  const ghosts = offered
    .filter(({ ref }) => !taken.has(refKey(ref)))
    .slice(0, OFFERED);
  const sendKey =
    sendWith === 'enter' ? trans.__('Enter') : trans.__('Ctrl+Enter');
  const sendLabel = guiding
    ? trans.__('Send guidance (%1)', sendKey)
    : trans.__('Send (%1)', sendKey);
  return (
    <div className="jp-agent-Composer" ref={box}>
      <Notice />
      <div
        className={`jp-agent-Composer-box ${over ? 'jp-mod-over' : ''}`}
        aria-busy={sending}
      >
        {open && (
          <Menu
            id={menuId}
            label={menu.label}
            groups={menu.groups}
            active={active}
            empty={menu.empty}
            onActive={setAt}
          />
        )}
        <ContextBar
          barRef={bar}
          draft={draft}
          problems={problems}
          offered={ghosts}
          blind={blind}
          onLeave={focusInput}
        />
        {guiding && attached && (
          <div className="jp-agent-Composer-note">
            {trans.__(
              'While it works you can guide it with words. What is attached goes with the next message.'
            )}
          </div>
        )}
        <textarea
          ref={inputRef}
          className="jp-agent-Composer-input"
          rows={1}
          value={draft.text}
          disabled={state.phase === 'failed'}
          readOnly={sending}
          aria-label={
            guiding
              ? trans.__('Guide the agent while it works')
              : trans.__('Ask the agent')
          }
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={open ? menuId : undefined}
          aria-activedescendant={
            open && active >= 0 ? optionId(menuId, active) : undefined
          }
          // What the menu takes, Escape above all, is no shortcut.
          data-lm-suppress-shortcuts={open ? true : undefined}
          placeholder={hint}
          onChange={event => {
            controller.draft.setText(event.target.value);
            setCaret(event.target.selectionStart);
          }}
          onSelect={event => setCaret(event.currentTarget.selectionStart)}
          onFocus={() => setAttention(count => count + 1)}
          onBlur={() => {
            if (open) {
              closeMenu();
            }
          }}
          onKeyDown={onKeyDown}
          onPaste={event => {
            const files = [...event.clipboardData.files];
            // A table of a spreadsheet comes as text and as a picture of it.
            const text = event.clipboardData.types.includes('text/plain');
            if (files.length > 0 && !text) {
              event.preventDefault();
              addPictures(files);
            }
          }}
        />
        <input
          ref={chooser}
          className="jp-agent-Composer-chooser"
          type="file"
          accept="image/*"
          multiple
          tabIndex={-1}
          aria-label={trans.__('Pictures')}
          onChange={event => {
            addPictures([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
        <div className="jp-agent-Composer-foot">
          <IconButton
            icon={addIcon}
            label={trans.__('Attach (@)')}
            popup="listbox"
            disabled={!ready}
            onClick={openAttach}
          />
          <ModeSwitch
            mode={state.mode}
            open={props.choosingMode}
            setOpen={props.setChoosingMode}
            onChoose={mode => void controller.chooseMode(mode)}
          />
          <ModelPicker
            state={state}
            wanted={props.picking}
            setWanted={props.setPicking}
          />
          <span className="jp-agent-Composer-space" />
          {running && (
            <IconButton
              icon={stopIcon}
              label={trans.__('Stop (Esc)')}
              className="jp-agent-stop"
              disabled={running.stopping || !running.turnId}
              onClick={() => void controller.stop()}
            />
          )}
          {(!running || draft.text.trim() !== '') && (
            <IconButton
              icon={sendIcon}
              label={sendLabel}
              className="jp-agent-send"
              disabled={!ready || empty}
              onClick={() => {
                submit();
                focusInput();
              }}
            />
          )}
        </div>
      </div>
      <div className="jp-agent-Composer-spoken" role="status">
        {open
          ? trans._n('%1 suggestion', '%1 suggestions', items.length)
          : sending
            ? trans.__('Reading what is attached.')
            : ''}
      </div>
    </div>
  );
}
