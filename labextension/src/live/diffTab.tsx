/** A tab with the difference of two texts. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import { DiffView } from '../tools/diff';

export class DiffTab extends ReactWidget {
  constructor(
    private readonly _diff: {
      path: string;
      before: string;
      after: string;
      trans: TranslationBundle;
    }
  ) {
    super();
    this.addClass('jp-agent-DiffTab');
  }

  protected override render(): JSX.Element {
    const { path, before, after, trans } = this._diff;
    return (
      <DiffView
        before={before}
        after={after}
        file={path}
        label={path}
        mode="side"
        trans={trans}
      />
    );
  }
}
