import { toSystemCode } from './system-error.ts';

/**
 * What can be wrong with the embedded PostgreSQL.
 * - `PLATFORM`: there are no server files for this machine, or they do not run on it.
 * - `ROOT`: PostgreSQL refuses to run as root, and no other account here can run it.
 * - `DATA_UNREADABLE`: the data folder cannot be read or written, or is not ours.
 * - `DATA_VERSION`: the data folder was made by another major version of PostgreSQL.
 * - `PORT_TAKEN`: another program listens on the port that was asked for.
 * - `START_FAILED`: the server did not start; the message holds the decisive lines of its log.
 */
export type EmbeddedPostgresErrorCode =
  | 'PLATFORM'
  | 'ROOT'
  | 'DATA_UNREADABLE'
  | 'DATA_VERSION'
  | 'PORT_TAKEN'
  | 'START_FAILED';

/** The embedded PostgreSQL cannot be used. The message is for people: what happened, where, what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An error of the file system, met while working in the data folder, says so; others stay as they are. */
export function toDataError(dataDir: string, error: unknown): unknown {
  if (error instanceof EmbeddedPostgresError || toSystemCode(error) === undefined) return error;
  return new EmbeddedPostgresError(
    'DATA_UNREADABLE',
    `The data folder ${dataDir} cannot be used: ${(error as Error).message}. ` +
      'Make it readable and writable for the user who starts Holdfast, or choose another folder with HOLDFAST_DATA_DIR.',
    { cause: error },
  );
}

/** The lines of a server program's output that tell why it gave up, without time and process number. */
export function toDecisiveLines(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^.*? \[\d+\] /, '').trim())
    .filter((line) => line !== '');
  const decisive = lines.filter((line) => /\b(?:FATAL|PANIC|error):|could not/i.test(line));
  return [...new Set(decisive.length > 0 ? decisive : lines)].slice(-4).join('; ');
}
