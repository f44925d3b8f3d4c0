/**
 * Reasons why the embedded PostgreSQL cannot be used.
 * - `PLATFORM`: no binaries for this machine are installed, or they do not run on it.
 * - `ROOT`: PostgreSQL refuses to run as root, and no other account on this machine can run it.
 * - `DATA_UNREADABLE`: the data folder cannot be read or written, belongs to another user, or contains other files.
 * - `DATA_VERSION`: another major version of PostgreSQL created the data folder.
 * - `PORT_TAKEN`: another program listens on the requested port.
 * - `START_FAILED`: the server did not start. The message contains the decisive lines of its log.
 */
export type EmbeddedPostgresErrorCode =
  | 'PLATFORM'
  | 'ROOT'
  | 'DATA_UNREADABLE'
  | 'DATA_VERSION'
  | 'PORT_TAKEN'
  | 'START_FAILED';

/** The embedded PostgreSQL cannot be used. The message is for people: it names the problem, the place and the fix. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Returns the code of a failed system call, such as `ENOENT`. */
export function toSystemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Converts a system error of the data folder to an `EmbeddedPostgresError`. Returns other errors unchanged. */
export function toDataError(dataDir: string, error: unknown): unknown {
  if (error instanceof EmbeddedPostgresError || toSystemCode(error) === undefined) return error;
  return new EmbeddedPostgresError(
    'DATA_UNREADABLE',
    `The data folder ${dataDir} cannot be used: ${(error as Error).message}. ` +
      'Give your user read and write access, or set HOLDFAST_DATA_DIR to another folder.',
    { cause: error },
  );
}

/** Returns the lines of a program's output that explain its failure, without timestamps and process IDs. */
export function toDecisiveLines(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^.*? \[\d+\] /, '').trim())
    .filter((line) => line !== '');
  const decisive = lines.filter((line) => /\b(?:FATAL|PANIC|error):|could not/i.test(line));
  return [...new Set(decisive.length > 0 ? decisive : lines)].slice(-4).join('; ');
}
