import { v7 } from 'uuid';

/** A new ID for a task, a list or an operation: a UUIDv7. With it, an app can show a record before the server has stored it. */
export function newId(): string {
  return v7();
}

/** A new ID for `task.create`. The same as `newId`. */
export const newTaskId = newId;
