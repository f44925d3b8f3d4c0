import type { TaskRecord } from './record.ts';

/** A task that is not there, or is somebody else's: the two cannot be told apart. */
export class TaskNotFoundError extends Error {
  override readonly name = 'TaskNotFoundError';
  readonly code = 'TASK_NOT_FOUND';
  constructor() {
    super('There is no such task.');
  }
}

/** The task is not as the caller believed: another version, or another content under the same id. */
export class TaskConflictError extends Error {
  override readonly name = 'TaskConflictError';
  readonly code = 'TASK_CONFLICT';
  /** The task as it stands. */
  readonly current: TaskRecord;
  constructor(message: string, current: TaskRecord) {
    super(message);
    this.current = current;
  }
}

/** A cursor that was not made for this user, filter and order, or not made by this product at all. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
  readonly code = 'INVALID_CURSOR';
  constructor() {
    super(
      'This cursor does not belong to this list: start again without a cursor, and keep user, filter and order the same from page to page.',
    );
  }
}
