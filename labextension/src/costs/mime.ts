/** Costs in the output of a cell, drawn from what was saved there. */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { outputRenderer } from '../ui/output';
import type { ICostsHost } from './context';

export const COSTS_MIME = 'application/vnd.jupyter-agent.costs+json';

export function costsRenderer(host: ICostsHost): IRenderMime.IRendererFactory {
  return outputRenderer({
    mimeType: COSTS_MIME,
    className: 'jp-agent-CostsOutput',
    draw: async data => {
      const { CostsOutputView } = await import('./output');
      return new CostsOutputView(host, data);
    }
  });
}
