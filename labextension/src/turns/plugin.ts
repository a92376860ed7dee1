import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { text, textOrNull } from '../api/read';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- small, and everything that is drawn here needs it
import { numbersIn } from '../charts/numbers';
import { OwnOriginSanitizer } from '../chat/sanitizer';
import {
  IAgentActivity,
  IAgentChat,
  IAgentClient,
  IAgentTools,
  IAgentTurns,
  type TurnPlace,
  type TurnSection
} from '../tokens';
import type { ITurnsHost } from './context';
import { Grades } from './grades';
import { turnRenderer } from './mime';
import { AgentTurns } from './service';
import { readSubject, subjectKey, type Subject } from './subject';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- the layout is restored with the panel; what is in it comes later
import { TurnsWidget } from './widget';

export const CommandIDs = {
  inspect: 'agent:inspect-turn',
  compare: 'agent:compare-turns',
  insights: 'agent:session-insights',
  /** Brings a tab back after a reload. */
  restore: 'agent:restore-turn-tab'
} as const;

const LAST = 'jupyterlab-agent:turn-inspector';
const PLACE = 'jupyterlab-agent:turn-inspector-place';
const SECTIONS: readonly TurnSection[] = [
  'context',
  'timeline',
  'tools',
  'messages',
  'model',
  'tips',
  'feedback'
];

/** Turns on the screen: a panel of the side bar, tabs, and what a notebook shows of them. */
export const turnsPlugin: JupyterFrontEndPlugin<IAgentTurns> = {
  id: 'jupyterlab-agent:turns',
  description: 'Shows what models saw, chose, did and cost in a turn.',
  autoStart: true,
  provides: IAgentTurns,
  requires: [IAgentClient, IAgentActivity, IAgentTools, IRenderMimeRegistry],
  optional: [
    IEditorServices,
    ITranslator,
    IStateDB,
    ILabShell,
    ILayoutRestorer
  ],
  activate: (
    app: JupyterFrontEnd,
    client: IAgentClient,
    activity: IAgentActivity,
    tools: IAgentTools,
    rendermime: IRenderMimeRegistry,
    editors: IEditorServices | null,
    translator: ITranslator | null,
    state: IStateDB | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null
  ): IAgentTurns => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_agent');
    const { commands, shell } = app;
    const tracker = new WidgetTracker<TurnsWidget>({
      namespace: 'jupyterlab-agent-turns'
    });
    let wanted: TurnPlace | null = null;
    void state
      ?.fetch(PLACE)
      .then(kept => {
        wanted ??= kept === 'main' || kept === 'right' ? kept : null;
      })
      .catch((error: unknown) =>
        console.warn('jupyterlab-agent: nothing was kept', error)
      );

    /** Where it goes when nobody says: where the user wants it, else beside the chat and not over it. */
    const place = (): TurnPlace => {
      if (!labShell) {
        return 'right';
      }
      if (wanted) {
        return wanted;
      }
      const chatIsRight = [...shell.widgets('right')].some(
        widget => widget.id === 'jupyterlab-agent-chat'
      );
      return chatIsRight ? 'main' : 'right';
    };
    const addTab = async (subject: Subject): Promise<TurnsWidget> => {
      const tab = new TurnsWidget({ host, where: 'main', subject });
      shell.add(tab, 'main', { type: 'Agent', activate: false });
      await tracker.add(tab);
      return tab;
    };
    const turns = new AgentTurns({
      grades: new Grades({ client, activity }),
      show: async (subject, where, jump) => {
        activity.start();
        const area = labShell ? (where ?? place()) : 'right';
        if (where && labShell && where !== wanted) {
          wanted = where;
          await state?.save(PLACE, where);
        }
        if (area === 'right') {
          if (!panel.isAttached) {
            shell.add(panel, 'right', { rank: 960, type: 'Agent' });
          }
          panel.turnTo(subject, jump);
          shell.activateById(panel.id);
          return;
        }
        const tab =
          tracker.find(
            one =>
              one.subject !== null &&
              subjectKey(one.subject) === subjectKey(subject)
          ) ?? (await addTab(subject));
        tab.turnTo(subject, jump);
        shell.activateById(tab.id);
      }
    });
    const host: ITurnsHost = {
      client,
      activity,
      tools,
      turns,
      trans,
      numbers: numbersIn(translator?.languageCode),
      rendermime: rendermime.clone({
        sanitizer: new OwnOriginSanitizer(rendermime.sanitizer)
      }),
      editors,
      hasMainArea: labShell !== null,
      hasCommand: command => commands.hasCommand(command),
      execute: (command, args) => commands.execute(command, args)
    };
    const panel = new TurnsWidget({ host, where: 'right', subject: null });
    panel.subjectChanged.connect((_, subject) => {
      void (subject ? state?.save(LAST, subject) : state?.remove(LAST));
    });
    restorer?.add(panel, panel.id);
    void app.restored.then(async () => {
      const last = readSubject(await state?.fetch(LAST));
      if (!panel.isAttached || panel.subject) {
        return;
      }
      if (last) {
        panel.turnTo(last);
      } else {
        panel.parent = null;
      }
    });

    commands.addCommand(CommandIDs.restore, {
      label: trans.__('Turn Inspector'),
      describedBy: { args: { type: 'object', properties: {} } },
      isVisible: () => false,
      execute: async args => {
        const subject = readSubject(args);
        if (!subject) {
          return undefined;
        }
        return addTab(subject);
      }
    });
    if (restorer && labShell) {
      void restorer.restore(tracker, {
        command: CommandIDs.restore,
        args: widget => ({ ...widget.subject }),
        name: widget => widget.id
      });
    }
    rendermime.addFactory(turnRenderer(host), 0);
    return turns;
  }
};

/** The commands of this room. */
export const turnCommandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-agent:turn-commands',
  description: 'Commands that show what happened in turns.',
  autoStart: true,
  requires: [IAgentTurns, IAgentChat],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    turns: IAgentTurns,
    chat: IAgentChat,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_agent');
    const { commands } = app;
    const turnIdOf = (args: ReadonlyPartialJSONObject) =>
      textOrNull(args.turnId) ?? chat.current?.turnIds.at(-1) ?? null;
    const pairOf = (
      args: ReadonlyPartialJSONObject
    ): [string, string] | null => {
      const last = chat.current?.turnIds.slice(-2) ?? [];
      const first = text(args.first) || last[0];
      const second = text(args.second) || last[1];
      return first && second && first !== second ? [first, second] : null;
    };
    const sessionIdOf = (args: ReadonlyPartialJSONObject) =>
      textOrNull(args.sessionId) ?? chat.current?.sessionId ?? null;

    commands.addCommand(CommandIDs.inspect, {
      label: trans.__('Inspect the Agent’s Last Turn'),
      caption: trans.__('What the model saw, chose, did and cost'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            turnId: {
              type: 'string',
              description: trans.__(
                'The turn; the last of the chat if left out'
              )
            },
            where: {
              type: 'string',
              enum: ['right', 'main'],
              description: trans.__('In the side bar, or as a tab')
            },
            part: {
              type: 'string',
              description: trans.__('The part of the context that is opened')
            },
            tab: {
              type: 'string',
              enum: [...SECTIONS],
              description: trans.__('The part of the page that is shown')
            }
          }
        }
      },
      isEnabled: args => turnIdOf(args) !== null,
      execute: async args => {
        const turnId = turnIdOf(args);
        if (turnId) {
          const { where, part, tab } = args;
          await turns.open(turnId, {
            where: where === 'main' || where === 'right' ? where : undefined,
            part: textOrNull(part) ?? undefined,
            tab: SECTIONS.find(section => section === tab)
          });
        }
      }
    });
    commands.addCommand(CommandIDs.compare, {
      label: trans.__('Compare the Agent’s Last Two Turns'),
      caption: trans.__('What is different in what the model saw'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            first: { type: 'string', description: trans.__('A turn') },
            second: { type: 'string', description: trans.__('Another turn') }
          }
        }
      },
      isEnabled: args => pairOf(args) !== null,
      execute: async args => {
        const pair = pairOf(args);
        if (pair) {
          await turns.compare(...pair);
        }
      }
    });
    commands.addCommand(CommandIDs.insights, {
      label: trans.__('Insights into this Agent Chat'),
      caption: trans.__('What the rules say about the whole chat'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            sessionId: {
              type: 'string',
              description: trans.__('The chat; the open one if left out')
            }
          }
        }
      },
      isEnabled: args => sessionIdOf(args) !== null,
      execute: async args => {
        const sessionId = sessionIdOf(args);
        if (sessionId) {
          await turns.insights(sessionId);
        }
      }
    });
    const category = trans.__('Agent');
    for (const command of [
      CommandIDs.inspect,
      CommandIDs.compare,
      CommandIDs.insights
    ]) {
      palette?.addItem({ command, category });
    }
  }
};
