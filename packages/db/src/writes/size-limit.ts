/**
 * Most tasks that one call on a list or a label changes. A change of 10,000 tasks takes 0.4 to 1.5 s on two cores, and one of
 * 100,000 takes 4 to 9 s. Meanwhile, other writes of the same user wait, and fail after the lock timeout.
 */
export const maxTasksPerWrite = 10_000;

/** The call would change more tasks than one call can change. */
export class TooManyTasksError extends Error {
  override readonly name = 'TooManyTasksError';
  readonly code = 'TOO_MANY_TASKS';
}
