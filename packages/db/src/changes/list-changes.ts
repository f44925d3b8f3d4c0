import { listColumns, type ListRecord, toList } from '../lists/record.ts';
import { toIsoTime } from '../schema/row-types.ts';
import type { Text, TextRow } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { taskColumns, type TaskRecord, toTask } from '../tasks/record.ts';
import { copyListsStatement, copyTasksStatement } from './copy-statements.ts';
import { type FeedEntry, readFeedStatement, toFeedEntry } from './feed-statement.ts';
import { type LogRow, type Place, type RecordKind, toCursor, toPlace } from './position.ts';

export interface ChangesQuery {
  /** The `cursor` of the previous page. Default: a copy of all records. */
  since?: string | undefined;
  /** Maximum number of changes. */
  limit: number;
  /**
   * Size limit of the page in bytes of text. A page that reaches it ends early, with at least one change. Default: no limit.
   */
  maxBytes?: number | undefined;
}

export interface ChangesPage {
  /** Tasks as they are now, also those in the trash. */
  tasks: TaskRecord[];
  lists: ListRecord[];
  /** Purged tasks, and lists that are purged or in the trash. */
  removed: { kind: RecordKind; id: string }[];
  /** Null if the user has never changed anything. */
  cursor: string | null;
  hasMore: boolean;
  /** True if the database does not know the row of the log to which `since` belongs. A copy of all records follows. */
  isReset: boolean;
}

type Records = Pick<ChangesPage, 'tasks' | 'lists' | 'removed'>;
type Limits = { limit: number; maxBytes: number };
/** A page that ends at a place. */
type Part = Records & { end: Place; hasMore: boolean };

/**
 * Returns the user's changes since a cursor. Without a cursor, it begins a copy of all records, whose pages end with the
 * changes that were made meanwhile. It never misses a committed change, but may repeat one. It always reads from the primary:
 * a replica may not know the cursor yet.
 *
 * @throws InvalidCursorError for a cursor of another user.
 */
export async function listChanges(scope: UserScope, query: ChangesQuery): Promise<ChangesPage> {
  const { since, limit, maxBytes = Number.MAX_SAFE_INTEGER } = query;
  const context = { cursorKey: internalsOf(scope).cursorKey, userId: scope.userId };
  const place: Place = since === undefined ? { in: 'start' } : toPlace(context, since);
  const part = await (place.in === 'log'
    ? readFeed(scope, place, { limit, maxBytes })
    : readCopy(scope, place, { limit, maxBytes }));
  if (part !== null) {
    const { end, ...page } = part;
    return { ...page, cursor: toCursor(context, end), isReset: false };
  }
  const isReset = place.in !== 'start';
  const cursor = isReset ? toCursor(context, { in: 'start' }) : null;
  return { tasks: [], lists: [], removed: [], cursor, hasMore: isReset, isReset };
}

/** Returns null if the database does not know the row of the log. */
async function readFeed(scope: UserScope, place: Place & { in: 'log' }, limits: Limits): Promise<Part | null> {
  const { row, sent } = place;
  const [rows] = await internalsOf(scope).runAll([
    {
      statement: readFeedStatement,
      args: { userId: scope.userId, revision: row.revision, sent, rows: limits.limit + 2, maxBytes: limits.maxBytes },
    },
  ]);
  const entries = rows!.map(toFeedEntry);
  const [first] = entries;
  if (first === undefined || !isRow(row, first.revision, first.at)) return null;
  // If all IDs of the first row were sent, the first entry only proves the cursor.
  const limit = sent === undefined ? limits.limit + 1 : limits.limit;
  const count = countWithin(entries, { ...limits, limit });
  const shown = entries.slice(0, count);
  const next = entries[count];
  return { ...toRecords(shown), end: toEnd(shown, next, place), hasMore: next !== undefined };
}

function toEnd(shown: readonly FeedEntry[], next: FeedEntry | undefined, start: Place & { in: 'log' }): Place {
  const { revision, at } = shown.at(-1)!;
  const row = { revision, at: toTime(at) };
  if (next?.revision !== revision) return { in: 'log', row };
  const sentBefore = revision === start.row.revision ? start.sent! : 0;
  const sentNow = shown.filter((entry) => entry.revision === revision).length;
  return { in: 'log', row, sent: sentBefore + sentNow };
}

function toRecords(entries: readonly FeedEntry[]): Records {
  const records: Records = { tasks: [], lists: [], removed: [] };
  for (const { id, isList, isLast, record } of entries) {
    if (id === null || !isLast) continue;
    if (!isList && record[0] !== null) records.tasks.push(toTask(record));
    else if (isList && isLive(record.slice(taskColumns.length)))
      records.lists.push(toList(record.slice(taskColumns.length)));
    else records.removed.push({ kind: isList ? 'list' : 'task', id });
  }
  return records;
}

/** @param list A row of `namesOfList`. */
const isLive = (list: TextRow): boolean => list[listColumns.length] === 'f';

/** Returns null if the user has no log, or if the database does not know the row at which the copy began. */
async function readCopy(
  scope: UserScope,
  place: Place & { in: 'start' | 'copy' },
  limits: Limits,
): Promise<Part | null> {
  const { userId } = scope;
  const [row, after] = place.in === 'copy' ? [place.row, place.after] : [];
  const args = { userId, rows: limits.limit + 1, maxBytes: limits.maxBytes };
  const tasks = {
    statement: copyTasksStatement,
    args: { ...args, revision: row?.revision, after: after?.kind === 'task' ? after.id : undefined },
  };
  const lists = { statement: copyListsStatement, args: { ...args, after: after?.id } };
  const results = await internalsOf(scope).runAll(after?.kind === 'task' ? [tasks] : [tasks, lists]);
  const [first] = results[0]!;
  if (first === undefined) return null;
  const [revision, at, newest] = first as [string, string, string];
  if (row !== undefined && !isRow(row, revision, at)) return null;
  const start: LogRow = row ?? { revision, at: toTime(at) };
  return { ...toCopyPage(start, results, limits), ...(newest !== revision && { hasMore: true }) };
}

function toCopyPage(start: LogRow, [taskRows, listRows = []]: TextRow[][], limits: Limits): Part {
  const items = [
    ...listRows.map((row) => ({ kind: 'list' as const, row, bytes: Number(row.at(-1)) })),
    ...taskRows!
      .map((row) => row.slice(3))
      .filter(([id]) => id !== null)
      .map((row) => ({ kind: 'task' as const, row, bytes: Number(row.at(-1)) })),
  ];
  const shown = items.slice(0, countWithin(items, limits));
  const hasMore = shown.length < items.length;
  const last = shown.at(-1);
  const end: Place =
    hasMore && last !== undefined
      ? { in: 'copy', row: start, after: { kind: last.kind, id: last.row[0]! } }
      : { in: 'log', row: start };
  const rowsOf = (kind: RecordKind) => shown.filter((item) => item.kind === kind).map(({ row }) => row);
  return {
    tasks: rowsOf('task').map(toTask),
    lists: rowsOf('list').filter(isLive).map(toList),
    removed: [],
    end,
    hasMore,
  };
}

const toTime = (at: Text): number => Date.parse(toIsoTime(at!));

function isRow(row: LogRow, revision: string, at: string): boolean {
  return row.revision === revision && row.at === toTime(at);
}

/** The number of items before the first one beyond the limits. The first item is always within them. */
function countWithin(items: readonly { bytes: number }[], { limit, maxBytes }: Limits): number {
  let bytes = 0;
  const end = items.findIndex((item, at) => {
    const isBeyond = at >= limit || (at > 0 && bytes >= maxBytes);
    bytes += item.bytes;
    return isBeyond;
  });
  return end === -1 ? items.length : end;
}
