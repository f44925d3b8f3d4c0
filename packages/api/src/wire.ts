import type { TRPC_ERROR_CODE_KEY, TRPCErrorShape } from '@trpc/server';
import type { List } from './list-wire.ts';

// Outputs are type aliases, because tRPC's inferred outputs replace an interface by a mapped type without docs.

/** A task. Times are ISO 8601 in UTC with milliseconds, such as `2026-01-31T09:30:00.000Z`. */
export type Task = {
  /** UUID in lower case, unique among the tasks of its owner. */
  id: string;
  /** 1 to 500 characters (Unicode code points). */
  title: string;
  /** At most 10,000 characters (Unicode code points), or null. */
  description: string | null;
  /** True if the task is done. */
  completed: boolean;
  /** Time at which the task was completed. Null if the task is open. */
  completedAt: string | null;
  /** Time at which the server created the task. */
  createdAt: string;
  /** Time of the last change. An update that changes no value does not count. */
  updatedAt: string;
  /** Starts at 1 and increases by 1 with each change. */
  version: number;
  /** UUID of the list that contains the task. Null for the inbox. */
  listId: string | null;
  /** When the task is due, or null. */
  due: Due | null;
  /** 0 none, 1 low, 2 medium, 3 high. */
  priority: 0 | 1 | 2 | 3;
  /** At most 20 labels of 1 to 50 characters, in the order in which they were given. */
  labels: string[];
  /** Key of the manual order. Compare keys bytewise, and equal keys by `id`. */
  position: string;
  /** Time at which the task was moved to the trash. Null for all tasks outside `trash`. */
  deletedAt: string | null;
};

/** A date, a date with a local time of any zone, or a date with a local time of one zone. */
export type Due = {
  /** `YYYY-MM-DD`. */
  date: string;
  /** `HH:MM`. Absent for the whole day. */
  time?: string;
  /** IANA name, such as `Europe/Berlin`. Absent for a time in the zone of the person who reads the task. */
  timeZone?: string;
};

export interface DueInput {
  /** `YYYY-MM-DD`, a date that exists. */
  date: string;
  /** `HH:MM`. Default: the whole day. */
  time?: string | undefined;
  /** IANA name, such as `Europe/Berlin`. Only together with `time`. Default: the zone of the person who reads the task. */
  timeZone?: string | undefined;
}

export type TaskPage = {
  /** At most `limit` tasks. */
  items: Task[];
  /** Cursor of the next page. Null if this page is the last. */
  nextCursor: string | null;
};

export type DeletedTask = {
  /** UUID of the deleted task. */
  id: string;
};

export type User = {
  /** UUID of the user. */
  id: string;
  /** Email address of the account. With another issuer: from the user's token, or null if no token contained one. */
  email: string | null;
  /** Name of the account. With another issuer: from the user's token, or null if no token contained one. */
  name: string | null;
  /** Time at which the account was created; with another issuer, of the user's first call. ISO 8601 in UTC. */
  createdAt: string;
  /** IANA name of the zone in which the user's days begin and end. Null if the user has not set it. */
  timeZone: string | null;
};

/** Omitted fields do not change. */
export interface UpdateUserInput {
  /**
   * 1 to 200 characters (Unicode code points), not all white space. Changes the name of the account. If another issuer's tokens
   * contain a name, the call fails with BAD_REQUEST: change the name there.
   */
  name?: string | undefined;
  /** IANA name in any case, such as `Europe/Berlin`. Null removes it. */
  timeZone?: string | null | undefined;
}

export interface OptionalContent {
  /** At most 10,000 characters (Unicode code points), or null. Default for a new task: null. */
  description?: string | null | undefined;
  /** True if the task is done. Default for a new task: false. */
  completed?: boolean | undefined;
  /** UUID of one of your lists, or null for the inbox. Default for a new task: null. */
  listId?: string | null | undefined;
  /** When the task is due, or null. Default for a new task: null. */
  due?: DueInput | null | undefined;
  /** 0 none, 1 low, 2 medium, 3 high. Default for a new task: 0. */
  priority?: 0 | 1 | 2 | 3 | undefined;
  /** At most 20 labels of 1 to 50 characters, different if case is ignored. Default for a new task: none. */
  labels?: string[] | undefined;
  /** Key of the manual order, as the package `fractional-indexing` creates them. Default for a new task: the end. */
  position?: string | undefined;
}

export interface Repeatable {
  /**
   * UUID for this write. If you send the same write again within 90 days, it is applied once, and the response is the
   * current task. With other input, the call fails with CONFLICT. Default: each call is a new write.
   */
  operationId?: string | undefined;
}

export interface CreateTaskInput extends OptionalContent {
  /**
   * UUID for the new task, so that you can send the same create again. Default: a UUIDv7.
   * The same input again returns the task as it is now. Other input fails with CONFLICT.
   */
  id?: string | undefined;
  /** 1 to 500 characters (Unicode code points), not all white space. White space at both ends is removed. */
  title: string;
}

export interface GetTaskInput {
  /** UUID of the task. */
  id: string;
}

export interface DeleteTaskInput extends GetTaskInput, Repeatable {
  /** Expected `version`. If the task has another version, the call fails with CONFLICT. Default: any version. */
  ifVersion?: number | undefined;
}

/** Omitted fields do not change. */
export interface UpdateTaskInput extends OptionalContent, DeleteTaskInput {
  /** 1 to 500 characters (Unicode code points), not all white space. White space at both ends is removed. */
  title?: string | undefined;
}

/** Conditions on tasks. A task must meet all that are given. */
export interface CountTasksInput {
  /** True for completed tasks only, false for open tasks only. Default: all tasks. */
  completed?: boolean | undefined;
  /** UUID of a list, or null for the inbox. Default: all tasks. */
  listId?: string | null | undefined;
  /** A label of the tasks, in upper or lower case. Default: all tasks. */
  label?: string | undefined;
  /** 0 none, 1 low, 2 medium, 3 high. Default: all tasks. */
  priority?: 0 | 1 | 2 | 3 | undefined;
  /** When the tasks are due. Default: all tasks. */
  due?: DueFilter | undefined;
  /**
   * Words, or parts of words, in the title, the description or the labels, in any order. Case and accents are ignored.
   * At most 500 characters. A blank text is no condition. Default: all tasks.
   */
  search?: string | undefined;
  /** Time in ISO 8601 with a zone, for tasks with a later `updatedAt`. Default: all tasks. */
  updatedAfter?: string | undefined;
  /** Time in ISO 8601 with a zone, for tasks with a later `completedAt`. Default: all tasks. */
  completedAfter?: string | undefined;
}

/**
 * Dates are compared with the `date` of each task, in its own zone. For "today" and "overdue", pass today's date in the zone
 * of the user: `until: today` lists both.
 */
export interface DueFilter {
  /** First date, `YYYY-MM-DD`. Tasks without a due date do not match. Default: no limit. */
  from?: string | undefined;
  /** Last date, `YYYY-MM-DD`. Tasks without a due date do not match. Default: no limit. */
  until?: string | undefined;
  /** True for tasks without a due date only. Not together with `from` or `until`. */
  none?: true | undefined;
}

export interface TaskFilter extends CountTasksInput {
  /**
   * Equal tasks are in order of their IDs. Default: `newest`.
   * - `newest`, `oldest`: by time of creation
   * - `position`: the manual order of the inbox, then of each list
   * - `due`: the earliest date first; on one date, those with a time first; tasks without a date last
   * - `completed`: the task that was completed last comes first; then the open tasks, the newest first
   * - `updated`: the task that was changed last comes first
   * - `priority`: the highest priority first; of equal priority, the greatest ID first, which is the newest task
   * - `title`: by the first 100 characters, without case and accents
   */
  order?: 'newest' | 'oldest' | 'position' | 'due' | 'completed' | 'updated' | 'priority' | 'title' | undefined;
}

export interface ListTasksInput extends TaskFilter {
  /** Tasks per page, from 1 to 200. Default: 50. */
  limit?: number | undefined;
  /** `nextCursor` of the previous page, with the same filter and order. Default or null: the first page. */
  cursor?: string | null | undefined;
  /** TanStack Query's infinite queries send it. Lists have no pages before the first one. */
  direction?: 'forward' | undefined;
}

export type TaskCount = {
  /** Number of tasks that match the filter. Tasks in the trash do not count. */
  count: number;
};

/** The problems of an input, in the shape of zod's `treeifyError`. */
export interface ValidationTree {
  /** Problems of this value. */
  errors: string[];
  /** Problems of its fields, by name. */
  properties?: Record<string, ValidationTree>;
}

/** `error.data` of each failed call. */
export interface ErrorData {
  /** Name of the error. */
  code: TRPC_ERROR_CODE_KEY;
  /** HTTP status of the error. */
  httpStatus: number;
  /** Name of the procedure, such as `task.list`. Null if the request did not name one. */
  path: string | null;
  /** ID of the request in the server's log. */
  requestId: string | null;
  /** Problems of the input. Null unless `code` is BAD_REQUEST. */
  validation: ValidationTree | null;
  /** Milliseconds to wait before you send the call again. */
  retryAfterMs?: number;
  /**
   * True if the server applied no change. If absent, the outcome is unknown: check before you retry.
   * Present only if `code` is SERVICE_UNAVAILABLE.
   */
  isRetryable?: true;
  /** @deprecated Use `isRetryable`, which has the same value. Version 0.3 removes this name. */
  isUndone?: true;
  /** The stored task, or for `list.*` the stored list. Present only if `code` is CONFLICT. */
  current?: Task | List;
  /** UUIDs of the tasks that are missing, or that would have too many labels. At most 500. Only for calls with several tasks. */
  ids?: string[];
}

export interface ErrorShape extends TRPCErrorShape<ErrorData> {
  /** Text for people. Programs use `data`. */
  message: string;
}
