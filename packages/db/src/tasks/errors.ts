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
  /** The stored task; null if it was purged. */
  readonly current: TaskRecord | null;
  constructor(message: string, current: TaskRecord | null) {
    super(message);
    this.current = current;
  }
}
