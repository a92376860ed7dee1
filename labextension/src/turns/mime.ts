/** A turn in the output of a cell, drawn from what was saved there. */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { outputRenderer } from '../ui/output';
import type { ITurnsHost } from './context';

export const TURN_MIME = 'application/vnd.jupyter-agent.turn+json';

export function turnRenderer(host: ITurnsHost): IRenderMime.IRendererFactory {
  return outputRenderer({
    mimeType: TURN_MIME,
    className: 'jp-agent-TurnOutput',
    draw: async data => {
      const { TurnOutputView } = await import('./output');
      return new TurnOutputView({ host, data });
    }
  });
}
