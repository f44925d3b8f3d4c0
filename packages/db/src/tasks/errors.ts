import type { TaskRecord } from './record.ts';

/** The task does not exist, or belongs to another user. The two cases are indistinguishable. */
export class TaskNotFoundError extends Error {
  override readonly name = 'TaskNotFoundError';
  readonly code = 'TASK_NOT_FOUND';
  constructor() {
    super('Task not found.');
  }
}

/** The task has another version, or other content, than the caller expects. */
export class TaskConflictError extends Error {
  override readonly name = 'TaskConflictError';
  readonly code = 'TASK_CONFLICT';
  /** The stored task. */
  readonly current: TaskRecord;
  constructor(message: string, current: TaskRecord) {
    super(message);
    this.current = current;
  }
}

/** The cursor was issued for another user, filter or order, or was not issued by Holdfast. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
  readonly code = 'INVALID_CURSOR';
  constructor() {
    super('The cursor does not match this list. Start again without a cursor.');
  }
}
