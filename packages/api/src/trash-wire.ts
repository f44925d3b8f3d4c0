import type { Repeatable, Task } from './wire.ts';

export interface ListTrashInput {
  /** Tasks per page, from 1 to 200. Default: 50. */
  limit?: number | undefined;
  /** `nextCursor` of the previous page. Default or null: the first page. */
  cursor?: string | null | undefined;
  /** TanStack Query's infinite queries send it. Lists have no pages before the first one. */
  direction?: 'forward' | undefined;
}

/** Fails with BAD_REQUEST if the texts of the tasks have more than about 2,000,000 bytes. */
export interface RestoreTrashInput extends Repeatable {
  /** UUIDs of 1 to 500 tasks. A task that is not in the trash remains unchanged. */
  ids: string[];
}

export type RestoredTasks = {
  /** All given tasks, each once, in the order of `ids`. A task whose list is gone or in the trash is now in the inbox. */
  items: Task[];
};

/** Exactly one of the two fields. */
export interface PurgeTrashInput {
  /** UUIDs of 1 to 500 tasks in the trash. Other IDs are ignored. */
  ids?: string[] | undefined;
  /**
   * Purges tasks that were deleted before this time, the oldest first. ISO 8601 in UTC, such as `2026-01-31T09:30:00.000Z`.
   * One call purges at most 1,000 tasks. Repeat it with the same time until `count` is 0.
   */
  before?: string | undefined;
}

export type PurgedTasks = {
  /** Number of tasks that this call has removed for good. */
  count: number;
};
