/**
 * Most tasks that one call on a list or a label changes. A change of 10,000 tasks takes about 0.4 s on two cores. Meanwhile, other
 * writes of the same user wait, which they do for at most 2 s.
 */
export const maxTasksPerWrite = 10_000;

/** The call would change more tasks than one call can change. */
export class TooManyTasksError extends Error {
  override readonly name = 'TooManyTasksError';
  readonly code = 'TOO_MANY_TASKS';
}
