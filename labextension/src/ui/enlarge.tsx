import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

/** Shows a picture large, in a dialog. */
export function enlarge(
  url: string,
  name: string,
  trans: TranslationBundle
): void {
  void new Dialog({
    title: name,
    body: ReactWidget.create(
      <img className="jp-agent-Picture-large" src={url} alt={name} />
    ),
    buttons: [Dialog.okButton({ label: trans.__('Close') })],
    hasClose: true
  })
    .launch()
    .catch((error: unknown) => console.error('jupyterlab-agent:', error));
}
