import { closeIcon, editIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useId, useRef, useState } from 'react';
import type { IAgentGrades } from '../../tokens';
import { IconButton } from '../../ui/IconButton';
import { messageOf } from '../../ui/words';
import { gradeLabel } from '../words';
import { useGradeOf } from '../useGrade';

const GRADES = [1, 2, 3, 4, 5] as const;

/**
 * Grades of a turn: five buttons, one stop of the Tab key. Arrow keys go from one to the next, a digit or Enter gives,
 * the same again or Backspace takes it back.
 */
export function Grade(props: {
  grades: IAgentGrades;
  turnId: string;
  trans: TranslationBundle;
  /** The comment is written under it, always. */
  open?: boolean;
}): JSX.Element {
  const { grades, turnId, trans } = props;
  const given = useGradeOf(grades, turnId);
  const grade = given?.grade ?? null;
  const [current, setCurrent] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [writing, setWriting] = useState(false);
  const group = useRef<HTMLDivElement>(null);
  const noteId = useId();
  const reachable = current ?? grade ?? 3;
  const focus = (value: number) => {
    setCurrent(value);
    const buttons = group.current?.querySelectorAll<HTMLElement>('button');
    buttons?.[value - 1]?.focus();
  };
  const act = async (action: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    try {
      await action();
      return true;
    } catch (error) {
      setProblem(messageOf(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  const remove = () => {
    setWriting(false);
    void act(() => grades.remove(turnId));
  };
  const give = (value: number) => {
    setCurrent(value);
    if (value === grade) {
      remove();
    } else {
      void act(() => grades.give(turnId, value));
    }
  };
  const step: Record<string, number> = {
    ArrowRight: 1,
    ArrowUp: 1,
    ArrowLeft: -1,
    ArrowDown: -1
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const by = step[event.key];
    const digit = Number(event.key);
    if (by !== undefined) {
      focus(((reachable - 1 + by + 5) % 5) + 1);
    } else if (event.key === 'Home' || event.key === 'End') {
      focus(event.key === 'Home' ? 1 : 5);
    } else if (GRADES.some(value => value === digit)) {
      focus(digit);
      if (digit !== grade) {
        give(digit);
      }
    } else if (
      (event.key === 'Backspace' || event.key === 'Delete') &&
      grade !== null
    ) {
      remove();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const commenting = grade !== null && (props.open === true || writing);
  return (
    <div
      className={`jp-agent-Grade ${grade === null ? '' : 'jp-mod-given'}`}
      data-grade={grade ?? undefined}
    >
      <div className="jp-agent-Grade-line">
        <div
          ref={group}
          className="jp-agent-Grade-group"
          role="radiogroup"
          // Not itself in the order of the Tab key: one of its buttons is.
          tabIndex={-1}
          aria-label={trans.__('Grade this answer')}
          aria-describedby={problem ? noteId : undefined}
          aria-busy={busy}
          onKeyDown={onKeyDown}
        >
          {GRADES.map(value => (
            <button
              key={value}
              type="button"
              role="radio"
              aria-checked={grade === value}
              aria-label={gradeLabel(value, trans)}
              title={
                grade === value
                  ? trans.__(
                      '%1 (again: take it back)',
                      gradeLabel(value, trans)
                    )
                  : gradeLabel(value, trans)
              }
              tabIndex={value === reachable ? 0 : -1}
              className="jp-agent-Grade-value"
              onFocus={() => setCurrent(value)}
              onClick={() => give(value)}
            >
              {value}
            </button>
          ))}
        </div>
        {grade !== null && !props.open && (
          <IconButton
            icon={editIcon}
            label={
              given?.comment
                ? trans.__('Change the comment: %1', given.comment)
                : trans.__('Add a comment')
            }
            expanded={writing}
            onClick={() => setWriting(!writing)}
          />
        )}
        {grade !== null && props.open && (
          <IconButton
            icon={closeIcon}
            label={trans.__('Take the grade back')}
            onClick={remove}
          />
        )}
      </div>
      {commenting && (
        <Comment
          // What is written elsewhere is taken over where nothing is written here.
          key={`${turnId}-${given?.updated_at}`}
          before={given?.comment ?? ''}
          busy={busy}
          focus={writing}
          trans={trans}
          onSave={comment =>
            void act(() => grades.give(turnId, grade, comment)).then(done => {
              if (done) {
                setWriting(false);
              }
            })
          }
          onCancel={writing ? () => setWriting(false) : null}
        />
      )}
      {problem && (
        <div id={noteId} className="jp-agent-Inspector-problem" role="alert">
          {problem}
        </div>
      )}
    </div>
  );
}

function Comment(props: {
  before: string;
  busy: boolean;
  focus: boolean;
  trans: TranslationBundle;
  onSave: (comment: string) => void;
  onCancel: (() => void) | null;
}): JSX.Element {
  const { trans, before, onCancel } = props;
  const [text, setText] = useState(before);
  const box = useRef<HTMLTextAreaElement>(null);
  const { focus } = props;
  useEffect(() => {
    if (focus) {
      box.current?.focus();
    }
  }, [focus]);
  const changed = text.trim() !== before;
  return (
    <div className="jp-agent-Grade-comment">
      <textarea
        ref={box}
        className="jp-agent-Editor-input"
        rows={2}
        maxLength={5000}
        value={text}
        aria-label={trans.__('Comment on the answer')}
        placeholder={trans.__('What was good, what was not?')}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.stopPropagation();
            props.onSave(text.trim());
          } else if (event.key === 'Escape' && onCancel) {
            event.preventDefault();
            event.stopPropagation();
            onCancel();
          }
        }}
      />
      <div className="jp-agent-actions">
        <button
          type="button"
          className="jp-agent-button"
          disabled={!changed || props.busy}
          onClick={() => props.onSave(text.trim())}
        >
          {trans.__('Save the comment')}
        </button>
      </div>
    </div>
  );
}
