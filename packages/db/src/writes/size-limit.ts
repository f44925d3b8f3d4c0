import { type RawBuilder, sql } from 'kysely';

/**
 * Most tasks that one call on a list or a label changes. A change of 10,000 tasks takes 0.4 to 1.5 s on two cores, and one of
 * 100,000 takes 4 to 9 s. Meanwhile, other writes of the same user wait, and fail after the lock timeout.
 */
export const maxTasksPerWrite = 10_000;

/** Most bytes of the search texts of the tasks that one call on a label changes. To read more would take seconds. */
export const maxSearchBytesPerWrite = 10_000_000;

/**
 * Most bytes of search texts that one call writes again. PostgreSQL writes them to its log, and the commits of other users wait for
 * the disk meanwhile.
 */
const maxNewSearchBytes = 100_000;

/** Up to this number of bytes, PostgreSQL keeps a text in its row, which every change of the task writes again. */
const shortBytes = 2000;

/** Whether the search texts of tasks, with the column `search_bytes`, are too large to write them again. */
export const areSearchesTooLarge = sql<boolean>`coalesce(sum(search_bytes), 0) > ${sql.lit(maxNewSearchBytes)}`;

/** Whether a change of a task's texts leaves its search text to maintenance. */
export function isFoldedLater(areTooLarge: RawBuilder<boolean>): RawBuilder<boolean> {
  return sql<boolean>`(${areTooLarge} and octet_length(search) > ${sql.lit(shortBytes)})`;
}

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
