import type { Call, Operation } from './operations.ts';

// Everything about the stored tasks follows from two numbers, the user's and the task's, so that the load knows all ids without a list of them.

/** How many users there are, with how many tasks each. */
export interface Size {
  users: number;
  tasks: number;
}

/** When the first task was made; the last one must not lie in the future, for `updated_at` may not be before `created_at`. */
export const firstCreatedAt = Date.UTC(2020, 0, 1);

/** Between a user's one task and the next. */
export const taskIntervalMs = 60_000;

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

export function toUserId(user: number): string {
  return `0190a000-0000-7000-8000-${hex(user, 12)}`;
}

/** A UUIDv7 of the task's time of creation, as the server would have made it. */
export function toTaskId(user: number, task: number): string {
  const time = hex(firstCreatedAt + task * taskIntervalMs + (user % taskIntervalMs), 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(task & 0xfff, 3)}-8000-${hex(user, 12)}`;
}

const pick = (count: number) => Math.floor(Math.random() * count);

let titles = 0;

/** A title that no task has: an update to it is a change. */
export function makeTitle(operation: 'update' | 'create'): string {
  return `A title made by ${operation}, number ${titles++} of process ${process.pid}`;
}

/** A random call on tasks that are there, of a random user unless one is named. */
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
