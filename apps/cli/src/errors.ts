/** What this program itself has to say; the client has codes of its own. */
export type CliErrorCode =
  | 'USAGE'
  | 'NO_SERVER'
  | 'NO_LOGIN_HERE'
  | 'NOT_LOGGED_IN'
  | 'SESSION_ENDED'
  | 'AMBIGUOUS_ID'
  | 'NOT_FOUND'
  | 'CANCELLED'
  | 'EDITOR_FAILED'
  | 'FILE_FAILED';

/** What a command ends with: done, refused, wrong usage, or stopped with Ctrl+C. */
export const exitCodes = { done: 0, refused: 1, usage: 2, interrupted: 130 } as const;

interface Details {
  exitCode?: number;
  /** What the error's JSON tells beside code and message. */
  more?: Record<string, unknown>;
  /** What people are shown below the message. */
  lines?: string[];
  cause?: unknown;
}

/** A command cannot do what it was asked to; the message says what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly exitCode: number;
  readonly more: Record<string, unknown>;
  readonly lines: string[];

  constructor(code: CliErrorCode, message: string, { exitCode, more = {}, lines = [], cause }: Details = {}) {
    super(message, { cause });
    this.code = code;
    this.exitCode = exitCode ?? (code === 'USAGE' ? exitCodes.usage : exitCodes.refused);
    this.more = more;
    this.lines = lines;
  }
}
