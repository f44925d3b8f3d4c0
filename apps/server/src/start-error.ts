/** Why the server cannot start, in words for the person who starts it. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code = 'START';
}

const byState: Record<string, string> = {
  '28000': 'The database does not let in the user that DATABASE_URL names.',
  '28P01': 'The database does not accept the user or the password in DATABASE_URL.',
  '3D000': 'The database that DATABASE_URL names does not exist on that server.',
};

/** What to print when the start fails: one message where the reason is foreseen, a stack where it is a defect. */
export function describeStartFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error)) return error.stack ?? error.message;
  const cause = error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : undefined;
  const known = cause === undefined ? undefined : byState[cause];
  if (known !== undefined) return known;
  if (error.code === 'DATABASE_FAULT') return `${error.message} (SQLSTATE ${cause})`;
  if (error.code !== 'DATABASE_UNAVAILABLE') return error.message;
  return `The database that DATABASE_URL names cannot be reached${cause === undefined ? '' : ` (${cause})`}.`;
}
