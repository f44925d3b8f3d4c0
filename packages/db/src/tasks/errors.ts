import type { TaskRecord } from './record.ts';

/** The task does not exist, or belongs to another user. The two cases are indistinguishable. */
export class TaskNotFoundError extends Error {
  override readonly name = 'TaskNotFoundError';
  readonly code = 'TASK_NOT_FOUND';
  constructor() {
    super('Task not found.');
  }
}

/** Tasks of a write to several tasks do not exist, or belong to another user. Nothing was applied. */
export class TasksNotFoundError extends Error {
  override readonly name = 'TasksNotFoundError';
  readonly code = 'TASKS_NOT_FOUND';
  /** The IDs of these tasks. */
  readonly ids: readonly string[];
  constructor(ids: readonly string[]) {
    super('Tasks not found. Send the call again without their IDs.');
    this.ids = ids;
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

/** The list does not exist, is in the trash, or belongs to another user. The cases are indistinguishable. */
export class ListNotFoundError extends Error {
  override readonly name = 'ListNotFoundError';
  readonly code = 'LIST_NOT_FOUND';
  constructor() {
    super('listId: List not found.');
  }
}
