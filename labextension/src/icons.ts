import { LabIcon } from '@jupyterlab/ui-components';
import agentSvg from '../style/icons/agent.svg';
import archiveSvg from '../style/icons/archive.svg';
import branchSvg from '../style/icons/branch.svg';
import sendSvg from '../style/icons/send.svg';

/** The chat: a speech bubble with a spark. */
export const agentIcon = new LabIcon({
  name: 'jupyterlab-agent:chat',
  svgstr: agentSvg
});

export const sendIcon = new LabIcon({
  name: 'jupyterlab-agent:send',
  svgstr: sendSvg
});

export const archiveIcon = new LabIcon({
  name: 'jupyterlab-agent:archive',
  svgstr: archiveSvg
});

/** A line that parts in two. */
export const branchIcon = new LabIcon({
  name: 'jupyterlab-agent:branch',
  svgstr: branchSvg
});
