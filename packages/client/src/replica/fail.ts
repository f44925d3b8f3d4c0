import { type ErrorCode, HoldfastError } from '../errors.ts';

/** An error of the replica itself. No call was made. */
export const fail = (code: ErrorCode, message: string, ids?: string[]) =>
  new HoldfastError({ code, message, isRetryable: true, ids });

export const userChanged = 'The user changed. Open a new replica.';
