/** Tools that this page offers to agents. */

/** A tool as it is offered: `ClientTool` of the API. Its words are for models, so they are English. */
export interface IOfferedTool {
  name: string;
  description: string;
  input_schema: object;
  timeout_seconds: number;
}

const TEXT = { type: 'string' };

export const OFFERED: readonly IOfferedTool[] = [
  {
    name: 'open_file',
    description: 'Open a file or notebook in front of the user, at a line.',
    input_schema: {
      type: 'object',
      properties: { path: TEXT, line: { type: 'integer', minimum: 1 } },
      required: ['path'],
      additionalProperties: false
    },
    timeout_seconds: 60
  },
  {
    name: 'show_diff',
    description: 'Show the user the difference of two texts in a tab.',
    input_schema: {
      type: 'object',
      properties: { path: TEXT, before: TEXT, after: TEXT, title: TEXT },
      required: ['path', 'before', 'after'],
      additionalProperties: false
    },
    timeout_seconds: 60
  }
];
