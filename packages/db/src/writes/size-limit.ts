import { sql } from 'kysely';

/**
 * Most tasks that one call on a list or a label changes. A change of 10,000 tasks takes 0.4 to 1.5 s on two cores, and one of
 * 100,000 takes 4 to 9 s. Meanwhile, other writes of the same user wait, and fail after the lock timeout.
 */
export const maxTasksPerWrite = 10_000;

/** Most bytes of search texts that one call on a label writes again. More would take seconds, and other users' writes would wait for the disk. */
export const maxSearchBytesPerWrite = 10_000_000;

/** Most bytes of descriptions that one call with several IDs writes. One description for all tasks would make much work of a small body. */
const maxNewBytesPerWrite = 250_000;

/** Most bytes of the tasks that one call returns, as `taskJsonBytes` counts them. A larger response would delay other users. */
const maxBytesPerWrite = 2_000_000;

/** Whether tasks with the column `bytes` are too large for one call. */
export const areTooLarge = sql<boolean>`coalesce(sum(bytes), 0) > ${sql.lit(maxBytesPerWrite)}`;

const toTooLarge = () => new TooManyTasksError('The tasks are too large for one call. Use fewer IDs.');

/** @throws TooManyTasksError if the tasks are too large. @param tooLarge The text of a boolean from the database. */
export function assertSize(tooLarge: string | null | undefined): void {
  if (tooLarge === 't') throw toTooLarge();
}

/** @throws TooManyTasksError if several tasks get a description that is too large for so many. */
export function assertNewSize(description: string | null | undefined, tasks: number): void {
  if (tasks > 1 && Buffer.byteLength(description ?? '') * tasks > maxNewBytesPerWrite) throw toTooLarge();
}

/** The tasks are too many or too large for one call. */
export class TooManyTasksError extends Error {
  override readonly name = 'TooManyTasksError';
  readonly code = 'TOO_MANY_TASKS';
}
