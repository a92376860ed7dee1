/** What is saved in the output of a cell, drawn by a view that is loaded when there is one. */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { PanelLayout, Widget } from '@lumino/widgets';

/** Small until it has something to draw. */
class Output extends Widget implements IRenderMime.IRenderer {
  constructor(
    private readonly _draw: (data: unknown) => Promise<Widget>,
    private readonly _mimeType: string
  ) {
    super();
    this.layout = new PanelLayout();
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const view = await this._draw(model.data[this._mimeType]);
    if (this.isDisposed) {
      view.dispose();
      return;
    }
    const layout = this.layout as PanelLayout;
    for (const widget of [...layout.widgets]) {
      widget.dispose();
    }
    layout.addWidget(view);
  }
}

/** Draws a MIME type, before its HTML is. */
export function outputRenderer(options: {
  mimeType: string;
  className: string;
  draw: (data: unknown) => Promise<Widget>;
}): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [options.mimeType],
    createRenderer: ({ mimeType }) => {
      const output = new Output(options.draw, mimeType);
      output.addClass(options.className);
      return output;
    }
  };
}
