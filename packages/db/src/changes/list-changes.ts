import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { createRecords, type Records } from './page.ts';
import { hasMoreAfter, toCursor, toPlace } from './position.ts';
import { readCopy } from './read-copy.ts';
import { readFeed } from './read-feed.ts';

export interface ChangesQuery {
  /** The `cursor` of the previous page. Default: a copy of all tasks and lists. */
  since?: string | undefined;
  /** Maximum number of changes. A page can have fewer. */
  limit: number;
  /**
   * Size limit of the page in bytes of text. A page that reaches it ends early, with at least one change. Default: no limit.
   */
  maxBytes?: number | undefined;
}

export interface ChangesPage extends Records {
  /** `since` of the next page. Null if the user has never changed anything. */
  cursor: string | null;
  /** Whether the next page is available at once. */
  hasMore: boolean;
  /** True if the database does not know the row of the log to which `since` belongs. A copy begins with this page. */
  isReset: boolean;
}

/**
 * Returns a page of the user's changes since a cursor. Without a cursor, it begins a copy of all tasks and lists, and its last
 * pages contain the changes since its first page. It never misses a committed change, but may repeat one.
 *
 * A cursor names a row of the log by its revision and time. After a restore, or if the row is older than 90 days, the database
 * does not know the row, and a new copy begins. Only the primary decides that: a replica may not have the row yet.
 *
 * @throws InvalidCursorError for a cursor of another user.
 */
export async function listChanges(scope: UserScope, query: ChangesQuery): Promise<ChangesPage> {
  const { since, limit, maxBytes = Number.MAX_SAFE_INTEGER } = query;
  const context = { cursorKey: internalsOf(scope).cursorKey, userId: scope.userId };
  const place = since === undefined ? undefined : toPlace(context, since);
  const limits = { limit, maxBytes };
  const next = place?.in === 'log' ? await readFeed(scope, place, limits) : await readCopy(scope, place, limits);
  const isReset = next === null && place !== undefined;
  const part = isReset ? await readCopy(scope, undefined, limits) : next;
  if (part === null) return { ...createRecords(), cursor: null, hasMore: false, isReset };
  const { end, ...records } = part;
  return { ...records, cursor: end === place ? since! : toCursor(context, end), hasMore: hasMoreAfter(end), isReset };
}
