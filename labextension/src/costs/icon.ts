import { LabIcon } from '@jupyterlab/ui-components';
import costsSvg from '../../style/icons/costs.svg';

/** Columns of a chart. */
export const costsIcon = new LabIcon({
  name: 'jupyterlab-agent:costs',
  svgstr: costsSvg
});
