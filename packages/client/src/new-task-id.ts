import { v7 } from 'uuid';

/** A new ID for `task.create`: a UUIDv7. With it, an app can show a task before the server has stored it. */
export function newTaskId(): string {
  return v7();
}
