import type { List } from './list-wire.ts';
import type { Task } from './wire.ts';

/** The start and the length of a page of changes. */
export interface ListChangesInput {
  /**
   * `cursor` of the previous page. Default: the first page of a copy of all tasks and lists. If the call fails with BAD_REQUEST,
   * the server has a new secret: begin a new copy.
   */
  since?: string | undefined;
  /** Most changes per page, from 1 to 1000. A page can have fewer, or none. Default: 500. */
  limit?: number | undefined;
}

/** The start of a stream of changes. */
export interface WatchChangesInput {
  /** `cursor` of the last page that the client has. Default: the first page of a copy of all tasks and lists. */
  since?: string | undefined;
  /** ID of the last event that the client has. It replaces `since`, and clients send it when they connect again. */
  lastEventId?: string | undefined;
}

/** A task or list that no longer exists, or a list in the trash. */
export type RemovedRecord = {
  kind: 'task' | 'list';
  /** UUID of the task or list. */
  id: string;
};

/**
 * One page of changes. Apply it, and store its cursor, in one step. No change is missed, but one can arrive again.
 *
 * A copy ends with the first page whose `hasMore` is false. If you replace older data by a copy, then delete the data that
 * did not arrive during the copy.
 */
export type Changes = {
  /** Tasks that were created or changed, as they are now. Those in the trash have `deletedAt`. */
  tasks: Task[];
  /** Lists that were created, changed or restored, as they are now. A list can arrive after its tasks. */
  lists: List[];
  /** Tasks and lists to delete. */
  removed: RemovedRecord[];
  /** `since` of the next page. Null if the user has never changed anything. */
  cursor: string | null;
  /** True if the next page is available at once. The page can be empty nevertheless. */
  hasMore: boolean;
  /**
   * True if the server does not know `since`, because the database was restored, or the cursor is older than 90 days. A copy of
   * all tasks and lists begins with this page.
   */
  isReset: boolean;
};
