import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { createRecords, type Part, type Records } from './page.ts';
import { toCursor, toPlace } from './position.ts';
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
  /** True if the database does not know the row of the log to which `since` belongs. A copy begins with the next page. */
  isReset: boolean;
}

/**
 * Returns a page of the user's changes since a cursor. Without a cursor, it begins a copy of all tasks and lists, whose last
 * pages contain the changes that were made meanwhile. It never misses a committed change, but may repeat one.
 *
 * A cursor names a row of the log by its revision and time. After a restore, or if the row is older than 90 days, the database
 * does not know the row, and a new copy begins. Only the primary decides that: a replica may not have the row yet.
 *
 * @throws InvalidCursorError for a cursor of another user.
 */
export async function listChanges(scope: UserScope, query: ChangesQuery): Promise<ChangesPage> {
  const { since, limit, maxBytes = Number.MAX_SAFE_INTEGER } = query;
  const limits = { limit, maxBytes };
  const context = { cursorKey: internalsOf(scope).cursorKey, userId: scope.userId };
  const place = since === undefined ? { in: 'start' as const } : toPlace(context, since);
  if (place.in === 'start') {
    const part = await readCopy(scope, undefined, limits);
    if (part === null) return { ...createRecords(), cursor: null, hasMore: false, isReset: false };
    return toPage(part, toCursor(context, part.end));
  }
  const part = await (place.in === 'log' ? readFeed(scope, place, limits) : readCopy(scope, place, limits));
  if (part === null) {
    return { ...createRecords(), cursor: toCursor(context, { in: 'start' }), hasMore: true, isReset: true };
  }
  return toPage(part, part.end === place ? since! : toCursor(context, part.end));
}

function toPage({ tasks, lists, removed, hasMore }: Part, cursor: string): ChangesPage {
  return { tasks, lists, removed, cursor, hasMore, isReset: false };
}
