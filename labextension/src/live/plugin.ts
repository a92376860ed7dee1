import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IEditorTracker } from '@jupyterlab/fileeditor';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IFrame } from '../api/socket';
import { IAgentActivity } from '../tokens';
import type { Bridge } from './bridge';
import { OpenDocuments } from './documents';
import { OFFERED } from './offered';

/** Lets agents work in the documents that are open on this page, with what is not saved in them. */
export const livePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-agent:live',
  description: 'Lets agents work in the documents that are open.',
  autoStart: true,
  requires: [IAgentActivity, IDocumentManager],
  optional: [INotebookTracker, IEditorTracker, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    activity: IAgentActivity,
    docManager: IDocumentManager,
    notebooks: INotebookTracker | null,
    editors: IEditorTracker | null,
    translator: ITranslator | null
  ): void => {
    const { shell, serviceManager } = app;
    const { contents } = serviceManager;
    const trans = (translator ?? nullTranslator).load('jupyterlab_agent');
    const documents = new OpenDocuments({
      shell,
      contents,
      notebooks,
      editors,
      docManager
    });

    /** What the server was told last, over this connection. */
    let told = '';
    const offer = (): void => {
      const frame = {
        type: 'offer',
        tools: OFFERED,
        documents: documents.offered()
      };
      const text = JSON.stringify(frame);
      if (text !== told && activity.send(frame)) {
        told = text;
      }
    };

    let bridge: Promise<Bridge> | null = null;
    const load = async (): Promise<Bridge> => {
      const [{ Bridge }, { callTool }] = await Promise.all([
        import('./bridge'),
        import('./tools')
      ]);
      return new Bridge({
        documents,
        callTool: (name, args) =>
          callTool(
            { shell, docManager, contents, documents, trans },
            name,
            args
          )
      });
    };

    const take = async (frame: IFrame): Promise<void> => {
      if (frame.type === 'connected') {
        told = '';
        offer();
        (await bridge)?.settle();
        return;
      }
      if (frame.type !== 'request' && frame.type !== 'cancel') {
        return;
      }
      bridge ??= load();
      const answer = await (await bridge).answer(frame);
      if (answer) {
        activity.send(answer);
      }
    };
    activity.frame.connect((_, frame) => {
      take(frame).catch((error: unknown) =>
        console.error('jupyterlab-agent: a request was not answered', error)
      );
    });
    documents.changed.connect(offer);
    // What is on the screen comes first.
    void app.restored.then(() => activity.start());
  }
};
