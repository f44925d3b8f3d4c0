import type { Call, Operation } from './operations.ts';

// All IDs follow from two numbers, the user's and the task's, so that the load process needs no list of IDs.

/** Number of users, and of tasks per user. */
export interface Size {
  users: number;
  tasks: number;
}

/** Creation time of the first task. The last task must be in the past, because `updated_at` must not be before `created_at`. */
export const firstCreatedAt = Date.UTC(2020, 0, 1);

/** Time between two tasks of a user. */
export const taskIntervalMs = 60_000;

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

export function toUserId(user: number): string {
  return `0190a000-0000-7000-8000-${hex(user, 12)}`;
}

/** A UUIDv7 of the task's creation time, like the server's IDs. */
export function toTaskId(user: number, task: number): string {
  const time = hex(firstCreatedAt + task * taskIntervalMs + (user % taskIntervalMs), 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(task & 0xfff, 3)}-8000-${hex(user, 12)}`;
}

const pick = (count: number) => Math.floor(Math.random() * count);

let titles = 0;

/** A new unique title, so that every update changes the row. */
export function makeTitle(operation: 'update' | 'create'): string {
  return `A title made by ${operation}, number ${titles++} of process ${process.pid}`;
}

/** A random call on existing tasks. The default user is random. */
export function makeCall(
  operation: Operation,
  { users, tasks }: Size,
  user: number = pick(users),
): { user: number; call: Call } {
  const id = toTaskId(user, pick(tasks));
  switch (operation) {
    case 'list':
      return { user, call: { operation, limit: 20 } };
    case 'get':
      return { user, call: { operation, id } };
    case 'batch': {
      const first = pick(tasks);
      const step = Math.floor(tasks / 10);
      const ids = Array.from({ length: 10 }, (_, at) => toTaskId(user, (first + at * step) % tasks));
      return { user, call: { operation, ids } };
    }
    case 'update':
      return { user, call: { operation, id, title: makeTitle(operation) } };
    default:
      return { user, call: { operation, title: makeTitle(operation) } };
  }
}
