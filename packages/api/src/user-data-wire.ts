import type { CreateListInput, List } from './list-wire.ts';
import type { OptionalContent, Task } from './wire.ts';

export interface ExportDataInput {
  /** `nextCursor` of the previous page. Default or null: the first page. */
  cursor?: string | null | undefined;
}

/** A list with the time at which it was moved to the trash. Null outside the trash. */
export type ExportedList = List & { deletedAt: string | null };

/**
 * One page of all data of the user. The lists come first, then the tasks. A page has at most 500 rows, so that one
 * `user.import` accepts it. A row that changes during the export can have its old or its new values.
 */
export type ExportedData = {
  /** All lists, with archived ones and those in the trash. */
  lists: ExportedList[];
  /** All tasks, with those in the trash. */
  tasks: Task[];
  /** Cursor of the next page. Null if this page is the last. */
  nextCursor: string | null;
};

interface ImportedTimes {
  /** ISO 8601. Default: the earliest time of the row, or now. */
  createdAt?: string | undefined;
  /** ISO 8601, not before `createdAt`. Default: now. */
  updatedAt?: string | undefined;
  /** From 1 to 1,000,000,000. Default: 1. */
  version?: number | undefined;
  /** Time at which the row was moved to the trash, not before `createdAt`. Default or null: it is not in the trash. */
  deletedAt?: string | null | undefined;
}

/** A task as `user.export` returns it. Only `id` and `title` are required. */
export interface ImportTaskInput extends OptionalContent, ImportedTimes {
  /** UUID of the task. */
  id: string;
  /** 1 to 500 characters (Unicode code points), not all white space. White space at both ends is removed. */
  title: string;
  /** ISO 8601, not before `createdAt`. Not null if `completed` is true, and null if it is false. Default: `updatedAt`. */
  completedAt?: string | null | undefined;
}

/** A list as `user.export` returns it. Only `id` and `name` are required. */
export interface ImportListInput extends Omit<CreateListInput, 'id'>, ImportedTimes {
  /** UUID of the list. */
  id: string;
  /** ISO 8601, not before `createdAt`. Default or null: the list is in use. */
  archivedAt?: string | null | undefined;
}

/** At most 500 rows together. If the call fails, nothing was created. A repeated call changes nothing. */
export interface ImportDataInput {
  /** Lists with different IDs. */
  lists?: ImportListInput[] | undefined;
  /**
   * Tasks with different IDs. If the list of a new task neither exists nor is in `lists`, the call fails with NOT_FOUND, and the
   * message names the field. A list in the trash exists only for tasks in the trash.
   */
  tasks?: ImportTaskInput[] | undefined;
}

/** A task or list. */
export type RecordReference = {
  kind: 'task' | 'list';
  /** UUID of the task or list. */
  id: string;
};

export type ImportedData = {
  /** Number of created lists and tasks. */
  created: number;
  /** Number of lists and tasks that exist with the given values. `updatedAt` and `version` may differ. */
  unchanged: number;
  /** Lists and tasks that exist with other values. They do not change. */
  conflicts: RecordReference[];
};

export interface DeleteUserInput {
  /** The password of the account. With another issuer, there is none: omit it. */
  password?: string | undefined;
}

export type DeletedUser = Record<string, never>;
