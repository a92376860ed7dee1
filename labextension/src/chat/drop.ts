/** What is dropped on the chat: pictures from the desktop, and what the lab's file browser lists. */

/** What the file browser calls the paths that it drags. */
const CONTENTS_MIME = 'application/x-jupyter-icontents';

/** A drag within the application, as Lumino tells of it. */
interface ILabDragEvent extends Event {
  dropAction: string;
  proposedAction: string;
  mimeData: { hasData(mime: string): boolean; getData(mime: string): unknown };
}

/**
 * Takes what is dropped on this node.
 *
 * @returns what takes it back.
 */
export function listenForDrops(
  node: HTMLElement,
  on: {
    files: (files: File[]) => void;
    paths: (paths: string[]) => void;
    /** Something that can be dropped here is over it. */
    over: (over: boolean) => void;
  }
): () => void {
  // Entering a child comes before leaving its parent.
  let depth = 0;
  const enter = (by: number): void => {
    depth = Math.max(0, depth + by);
    on.over(depth > 0);
  };
  const end = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    on.over(false);
  };
  const hasFiles = (event: DragEvent): boolean =>
    event.dataTransfer?.types.includes('Files') ?? false;
  const hasPaths = (event: Event): event is ILabDragEvent =>
    (event as ILabDragEvent).mimeData.hasData(CONTENTS_MIME);

  const listeners: Record<string, (event: Event) => void> = {
    dragenter: event => {
      if (hasFiles(event as DragEvent)) {
        event.preventDefault();
        enter(1);
      }
    },
    dragover: event => {
      const { dataTransfer } = event as DragEvent;
      if (dataTransfer && hasFiles(event as DragEvent)) {
        event.preventDefault();
        dataTransfer.dropEffect = 'copy';
      }
    },
    dragleave: event => {
      if (hasFiles(event as DragEvent)) {
        enter(-1);
      }
    },
    drop: event => {
      const { dataTransfer } = event as DragEvent;
      if (dataTransfer && hasFiles(event as DragEvent)) {
        end(event);
        on.files([...dataTransfer.files]);
      }
    },
    'lm-dragenter': event => {
      if (hasPaths(event)) {
        event.preventDefault();
        event.stopPropagation();
        enter(1);
      }
    },
    'lm-dragover': event => {
      if (hasPaths(event)) {
        event.preventDefault();
        event.stopPropagation();
        event.dropAction = event.proposedAction;
      }
    },
    'lm-dragleave': event => {
      if (hasPaths(event)) {
        event.preventDefault();
        event.stopPropagation();
        enter(-1);
      }
    },
    'lm-drop': event => {
      if (hasPaths(event)) {
        const paths = event.mimeData.getData(CONTENTS_MIME) as string[];
        event.dropAction = event.proposedAction;
        end(event);
        on.paths(paths);
      }
    }
  };
  for (const [name, listener] of Object.entries(listeners)) {
    node.addEventListener(name, listener);
  }
  return () => {
    for (const [name, listener] of Object.entries(listeners)) {
      node.removeEventListener(name, listener);
    }
  };
}
