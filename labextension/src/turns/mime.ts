/** A turn in the output of a cell, drawn from what was saved there. */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { ITurnsHost } from './context';

export const TURN_MIME = 'application/vnd.jupyter-agent.turn+json';

/** Small until it has something to draw. */
class TurnOutput extends Widget implements IRenderMime.IRenderer {
  constructor(
    private readonly _host: ITurnsHost,
    private readonly _mimeType: string
  ) {
    super();
    this.addClass('jp-agent-TurnOutput');
    this.layout = new PanelLayout();
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { TurnOutputView } = await import('./output');
    if (this.isDisposed) {
      return;
    }
    const layout = this.layout as PanelLayout;
    for (const widget of [...layout.widgets]) {
      widget.dispose();
    }
    layout.addWidget(
      new TurnOutputView({
        host: this._host,
        data: model.data[this._mimeType]
      })
    );
  }
}

/** Draws turns, before their HTML is. */
export function turnRenderer(host: ITurnsHost): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [TURN_MIME],
    createRenderer: ({ mimeType }) => new TurnOutput(host, mimeType)
  };
}
