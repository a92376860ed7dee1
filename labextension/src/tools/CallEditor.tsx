import type { IEditorServices } from '@jupyterlab/codeeditor';
import { DisposableSet } from '@lumino/disposable';
import React, { useEffect, useId, useRef, useState } from 'react';
import { useTools } from './context';
import { edited, type IEditable } from './editing';

/** A text with the application's own editor, or in a plain box where it has none. */
function TextEditor(props: {
  value: string;
  onChange: (value: string) => void;
  label: string;
  mimeType: (editors: IEditorServices) => string;
  focus: boolean;
}): JSX.Element {
  const { editors } = useTools();
  const host = useRef<HTMLDivElement>(null);
  // The editor has the text from when it is made; what it is given later it wrote itself.
  const first = useRef(props);
  const changed = useRef(props.onChange);
  useEffect(() => {
    changed.current = props.onChange;
  });
  useEffect(() => {
    if (!editors) {
      return;
    }
    const made = new DisposableSet();
    let gone = false;
    void import('@jupyterlab/codeeditor').then(({ CodeEditor }) => {
      if (gone) {
        return;
      }
      const { value, label, mimeType, focus } = first.current;
      const model = new CodeEditor.Model({ mimeType: mimeType(editors) });
      made.add(model);
      model.sharedModel.setSource(value);
      const editor = editors.factoryService.newInlineEditor({
        host: host.current!,
        model,
        config: { lineNumbers: false, lineWrap: true }
      });
      made.add(editor);
      host
        .current!.querySelector('[contenteditable]')
        ?.setAttribute('aria-label', label);
      model.sharedModel.changed.connect(() =>
        changed.current(model.sharedModel.getSource())
      );
      if (focus) {
        editor.focus();
      }
    });
    return () => {
      gone = true;
      made.dispose();
    };
  }, [editors]);
  if (!editors) {
    return (
      <textarea
        className="jp-agent-CallEditor-text"
        aria-label={props.label}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the user just asked to edit it
        autoFocus={props.focus}
        rows={6}
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
      />
    );
  }
  return <div className="jp-agent-CallEditor-text" ref={host} />;
}

/** Edits what a call is given, before it is allowed. Ctrl+Enter takes it, Escape leaves. */
export function CallEditor(props: {
  call: IEditable;
  busy: boolean;
  onAccept: (args: Record<string, unknown>) => void;
  onLeave: () => void;
}): JSX.Element {
  const { trans } = useTools();
  const { call, busy } = props;
  const [text, setText] = useState(call.text);
  const [rest, setRest] = useState(call.rest);
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  const accept = () => {
    try {
      props.onAccept(edited(call, text, rest));
    } catch (error) {
      setProblem(
        error instanceof SyntaxError
          ? trans.__('This is not JSON: %1', error.message)
          : trans.__('The arguments have to be a JSON object.')
      );
    }
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the editors in it
    <div
      className="jp-agent-CallEditor"
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          props.onLeave();
        } else if (
          event.key === 'Enter' &&
          (event.ctrlKey || event.metaKey) &&
          !busy
        ) {
          event.preventDefault();
          event.stopPropagation();
          accept();
        } else if (event.key === 'Enter') {
          // It is a new line, and no yes.
          event.stopPropagation();
        }
      }}
    >
      {call.textName !== null && (
        <>
          <div className="jp-agent-Tool-part">{call.textName}</div>
          <TextEditor
            value={text}
            onChange={setText}
            label={trans.__('Edit %1', call.textName)}
            focus={true}
            mimeType={editors =>
              call.language
                ? editors.mimeTypeService.getMimeTypeByLanguage({
                    name: call.language
                  })
                : editors.mimeTypeService.getMimeTypeByFilePath(call.path ?? '')
            }
          />
        </>
      )}
      {call.rest !== '' && (
        <>
          <div className="jp-agent-Tool-part">
            {call.textName === null
              ? trans.__('Arguments')
              : trans.__('Other arguments')}
          </div>
          <TextEditor
            value={rest}
            onChange={setRest}
            label={trans.__('Edit the arguments')}
            focus={call.textName === null}
            mimeType={() => 'application/json'}
          />
        </>
      )}
      {problem && (
        <div className="jp-agent-Approval-problem" role="alert" id={id}>
          {problem}
        </div>
      )}
      <div className="jp-agent-actions">
        <button
          type="button"
          className="jp-agent-button jp-mod-primary"
          disabled={busy}
          aria-describedby={problem ? id : undefined}
          onClick={accept}
        >
          {trans.__('Accept as edited')} <kbd>{trans.__('Ctrl+Enter')}</kbd>
        </button>
        <button
          type="button"
          className="jp-agent-button"
          disabled={busy}
          onClick={props.onLeave}
        >
          {trans.__('Back')} <kbd>{trans.__('Esc')}</kbd>
        </button>
      </div>
    </div>
  );
}
