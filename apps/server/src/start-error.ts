import { describeDatabaseFailure } from '@holdfast/db';

/** The server cannot start. The message is for the operator. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code = 'START';
}

/** The text to print if the start fails: a message for an expected error, a stack for a defect. */
export function describeStartFailure(error: unknown): string {
  if (error instanceof StartError) return error.message;
  const failure = describeDatabaseFailure(error);
  if (failure !== undefined) return failure;
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? error.message : (error.stack ?? error.message);
}
