import type { TaskRecord } from './record.ts';

/** The task does not exist, or belongs to another user. The two cases are indistinguishable. */
export class TaskNotFoundError extends Error {
  override readonly name = 'TaskNotFoundError';
  readonly code = 'TASK_NOT_FOUND';
  /** The missing tasks of a call with several tasks, at most 500. Undefined for a call with one task. */
  readonly ids: readonly string[] | undefined;
  constructor(ids?: readonly string[]) {
    super(ids === undefined || ids.length === 1 ? 'Task not found.' : `${ids.length} tasks not found.`);
    this.ids = ids?.slice(0, 500);
  }
}

/** Tasks would have more than 20 labels. */
export class LabelLimitError extends Error {
  override readonly name = 'LabelLimitError';
  readonly code = 'LABEL_LIMIT';
  /** Those tasks, at most 500. */
  readonly ids: readonly string[];
  constructor(ids: readonly string[]) {
    super(`${ids.length === 1 ? 'A task' : `${ids.length} tasks`} would have more than 20 labels. Remove some first.`);
    this.ids = ids.slice(0, 500);
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
