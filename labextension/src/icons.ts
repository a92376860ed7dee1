import { LabIcon } from '@jupyterlab/ui-components';
import agentSvg from '../style/icons/agent.svg';
import agentWaitsSvg from '../style/icons/agent-waits.svg';
import archiveSvg from '../style/icons/archive.svg';
import askSvg from '../style/icons/ask.svg';
import branchSvg from '../style/icons/branch.svg';
import deniedSvg from '../style/icons/denied.svg';
import infoSvg from '../style/icons/info.svg';
import sendSvg from '../style/icons/send.svg';
import turnSvg from '../style/icons/turn.svg';
import warningSvg from '../style/icons/warning.svg';

/** The chat: a speech bubble with a spark. */
export const agentIcon = new LabIcon({
  name: 'jupyterlab-agent:chat',
  svgstr: agentSvg
});

/** The same, with a pause on it: something waits for the user. */
export const agentWaitsIcon = new LabIcon({
  name: 'jupyterlab-agent:chat-waits',
  svgstr: agentWaitsSvg
});

export const sendIcon = new LabIcon({
  name: 'jupyterlab-agent:send',
  svgstr: sendSvg
});

export const archiveIcon = new LabIcon({
  name: 'jupyterlab-agent:archive',
  svgstr: archiveSvg
});

/** A circle with a stroke through it: not allowed. */
export const deniedIcon = new LabIcon({
  name: 'jupyterlab-agent:denied',
  svgstr: deniedSvg
});

/** A question mark in a circle: it asks first. */
export const askIcon = new LabIcon({
  name: 'jupyterlab-agent:ask',
  svgstr: askSvg
});

/** A line that parts in two. */
export const branchIcon = new LabIcon({
  name: 'jupyterlab-agent:branch',
  svgstr: branchSvg
});

/** Parts of a bar under a magnifying glass: the turn inspector. */
export const turnIcon = new LabIcon({
  name: 'jupyterlab-agent:turn',
  svgstr: turnSvg
});

/** An exclamation mark in a triangle. */
export const warningIcon = new LabIcon({
  name: 'jupyterlab-agent:warning',
  svgstr: warningSvg
});

/** An i in a circle: something is told, nothing is wrong. */
export const noteIcon = new LabIcon({
  name: 'jupyterlab-agent:note',
  svgstr: infoSvg
});
