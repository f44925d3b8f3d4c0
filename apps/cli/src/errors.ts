/** Error codes of this program. The client has further codes. */
export type CliErrorCode =
  | 'USAGE'
  | 'NO_SERVER'
  | 'NO_LOGIN_HERE'
  | 'NOT_LOGGED_IN'
  | 'SESSION_ENDED'
  | 'AMBIGUOUS_ID'
  | 'NOT_FOUND'
  | 'NOTHING_TO_UNDO'
  | 'CANCELLED'
  | 'EDITOR_FAILED'
  | 'FILE_FAILED';

/** 1 is for refused and failed commands, 130 for Ctrl+C. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

interface Details {
  exitCode?: number;
  /** Further fields of the error's JSON. */
  more?: Record<string, unknown>;
  /** Lines below the message, for people. */
  lines?: string[];
  cause?: unknown;
}

/** An error with a message for the user. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly exitCode: number;
  readonly more: Record<string, unknown>;
  readonly lines: string[];

  constructor(code: CliErrorCode, message: string, { exitCode, more = {}, lines = [], cause }: Details = {}) {
    super(message, { cause });
    this.code = code;
    this.exitCode = exitCode ?? (code === 'USAGE' ? exitCodes.usage : exitCodes.failed);
    this.more = more;
    this.lines = lines;
  }
}
