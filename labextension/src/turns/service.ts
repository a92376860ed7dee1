import type { IAgentTurns, TurnPlace, TurnSection } from '../tokens';
import type { Grades } from './grades';
import type { Subject } from './subject';

/** To which part of the page one goes. */
export interface IJump {
  section?: TurnSection;
  /** Of the context, the part that is opened. */
  part?: string;
}

/** Puts something of this room on the screen. */
export type Show = (
  subject: Subject,
  where: TurnPlace | null,
  jump: IJump
) => Promise<void>;

/** What other rooms and extensions use. */
export class AgentTurns implements IAgentTurns {
  constructor(options: { grades: Grades; show: Show }) {
    this.grades = options.grades;
    this._show = options.show;
  }

  readonly grades: Grades;

  open(
    turnId: string,
    how: { where?: TurnPlace; part?: string; tab?: TurnSection } = {}
  ): Promise<void> {
    return this._show({ kind: 'turn', turnId }, how.where ?? null, {
      section: how.part ? 'context' : how.tab,
      part: how.part
    });
  }

  compare(first: string, second: string): Promise<void> {
    return this._show({ kind: 'compare', first, second }, null, {});
  }

  insights(sessionId: string): Promise<void> {
    return this._show({ kind: 'insights', sessionId }, null, {});
  }

  private _show: Show;
}
