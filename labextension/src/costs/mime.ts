/** Costs in the output of a cell, drawn from what was saved there. */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { ICostsHost } from './context';

export const COSTS_MIME = 'application/vnd.jupyter-agent.costs+json';

/** Small until it has something to draw. */
class CostsOutput extends Widget implements IRenderMime.IRenderer {
  constructor(
    private readonly _host: ICostsHost,
    private readonly _mimeType: string
  ) {
    super();
    this.addClass('jp-agent-CostsOutput');
    this.layout = new PanelLayout();
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { CostsOutputView } = await import('./output');
    if (this.isDisposed) {
      return;
    }
    const layout = this.layout as PanelLayout;
    for (const widget of [...layout.widgets]) {
      widget.dispose();
    }
    layout.addWidget(
      new CostsOutputView(this._host, model.data[this._mimeType])
    );
  }
}

/** Draws costs, before their HTML is. */
export function costsRenderer(host: ICostsHost): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [COSTS_MIME],
    createRenderer: ({ mimeType }) => new CostsOutput(host, mimeType)
  };
}
