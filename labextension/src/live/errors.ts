/** Why something that the server asked for was not done; the code is for programs, the message for people. */
export class LiveError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly data: Record<string, unknown> = {}
  ) {
    super(message);
    this.name = 'LiveError';
  }
}
