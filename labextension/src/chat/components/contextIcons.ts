import {
  codeIcon,
  fileIcon,
  notebookIcon,
  textEditorIcon,
  variableIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import type { IContextPart } from '../../api/types';

const ICONS: Record<IContextPart['kind'], LabIcon> = {
  notebook: notebookIcon,
  cell: codeIcon,
  selection: textEditorIcon,
  file: fileIcon,
  variable: variableIcon,
  text: textEditorIcon
};

/** The icon of something that is or can be attached. */
export function iconOf(kind: IContextPart['kind']): LabIcon {
  return ICONS[kind] ?? fileIcon;
}
