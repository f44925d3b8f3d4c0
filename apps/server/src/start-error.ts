import { describeDatabaseFailure } from '@holdfast/db';

/** Why the server cannot start, in words for the person who starts it. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code = 'START';
}

/** What to print when the start fails: one message where the reason is foreseen, a stack where it is a defect. */
export function describeStartFailure(error: unknown): string {
  if (error instanceof StartError) return error.message;
  const failure = describeDatabaseFailure(error);
  if (failure !== undefined) return failure;
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? error.message : (error.stack ?? error.message);
}
