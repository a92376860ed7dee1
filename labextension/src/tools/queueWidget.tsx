/** Everything that waits for the user, over the status bar or in a dialog. Loaded when it is first shown. */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { IEditorServices } from '@jupyterlab/codeeditor';
import { showPopup } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';
import React from 'react';
import type { IAgentClient, IAgentTools } from '../tokens';
import { saveFile } from '../ui/saveFile';
import { ToolsContext, type IToolsContext } from './context';
import { Queue } from './Queue';
import '../../style/transcript.css';

/** Shows what waits for the user. */
export function showQueue(options: {
  /** What it stands over; null for a dialog. */
  anchor: Widget | null;
  client: IAgentClient;
  tools: IAgentTools;
  trans: TranslationBundle;
  editors: IEditorServices | null;
  openChat: (sessionId: string) => Promise<unknown>;
  openPath: (path: string) => Promise<unknown>;
}): void {
  const { anchor, client, tools, trans, editors } = options;
  const failed = (error: unknown) =>
    console.error('jupyterlab-agent: it cannot be shown', error);
  const context: IToolsContext = {
    client,
    tools,
    trans,
    editors,
    save: saveFile,
    wayBack: null,
    reveal: path => void options.openPath(path).catch(failed)
  };
  let close = () => undefined as void;
  const body = ReactWidget.create(
    <ToolsContext.Provider value={context}>
      <Queue
        onOpen={approval => {
          close();
          options.openChat(approval.session_id).catch(failed);
        }}
      />
    </ToolsContext.Provider>
  );
  body.addClass('jp-agent-QueueWidget');
  if (anchor) {
    const popup = showPopup({
      body,
      anchor,
      align: 'left',
      hasDynamicSize: true
    });
    close = () => popup.dispose();
    return;
  }
  const dialog = new Dialog({
    title: trans.__('What waits for you'),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })],
    hasClose: true
  });
  close = () => dialog.reject();
  dialog.launch().catch(failed);
}
