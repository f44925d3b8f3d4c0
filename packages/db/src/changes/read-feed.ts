import { toList } from '../lists/record.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { taskBytesMax, toTask } from '../tasks/record.ts';
import { type FeedEntry, readFeedStatement, readQuickFeedStatement, toFeedEntry } from './feed-statements.ts';
import { createRecords, type Part, type Records } from './page.ts';
import { isSameRow, type LogPlace, toLogRow } from './position.ts';
import { countWithin, type Limits } from './sizes.ts';

/**
 * A client that has all changes usually finds none or few new ones. Its page has at most this many changes, and the database
 * does not measure them: that would double the cost of a page without changes.
 */
const quickLimit = 50;

/** The database sends at most this many times the size limit of a page. */
const unmeasuredFactor = 5;

/** Returns the changes after a place in the log, or null if the database does not know the row of the log. */
export async function readFeed(scope: UserScope, place: LogPlace, limits: Limits): Promise<Part | null> {
  const { row, sent, isBehind } = place;
  const { maxBytes } = limits;
  const isQuick = !isBehind && quickLimit * taskBytesMax <= unmeasuredFactor * maxBytes;
  const limit = isQuick ? Math.min(limits.limit, quickLimit) : limits.limit;
  // The first row proves the cursor, and the last one shows that there is a next page.
  const args = { userId: scope.userId, revision: row.revision, sent, rows: limit + 2, maxBytes };
  const rows = await internalsOf(scope).run(isQuick ? readQuickFeedStatement : readFeedStatement, args);
  const entries = rows.map(toFeedEntry);
  const [first] = entries;
  if (first === undefined || !isSameRow(row, toLogRow(first.revision, first.at))) return null;
  if (entries.length === 1 && sent === undefined && !isBehind)
    return { ...createRecords(), end: place, hasMore: false };
  // Without `sent`, the first entry is only the proof.
  const count = countWithin(entries, { maxBytes, limit: sent === undefined ? limit + 1 : limit });
  const shown = entries.slice(0, count);
  const next = entries[count];
  return { ...toRecords(shown), end: toEnd(shown, next, place), hasMore: next !== undefined };
}

function toEnd(shown: readonly FeedEntry[], next: FeedEntry | undefined, start: LogPlace): LogPlace {
  const { revision, at } = shown.at(-1)!;
  const end = { in: 'log', row: toLogRow(revision, at), isBehind: next !== undefined } as const;
  if (next?.revision !== revision) return end;
  const sentBefore = revision === start.row.revision ? start.sent! : 0;
  const sentNow = shown.filter((entry) => entry.revision === revision).length;
  return { ...end, sent: sentBefore + sentNow };
}

/** The records of the entries, each once, in the order of their last entries. */
function toRecords(entries: readonly FeedEntry[]): Records {
  const latest = new Map<string, FeedEntry>();
  for (const entry of entries) {
    if (entry.id === null) continue;
    const key = `${entry.isList} ${entry.id}`;
    // A map has the order of the first insertions.
    latest.delete(key);
    latest.set(key, entry);
  }
  const records = createRecords();
  for (const { id, isList, record } of latest.values()) {
    if (record === null) records.removed.push({ kind: isList ? 'list' : 'task', id: id! });
    else if (isList) records.lists.push(toList(record));
    else records.tasks.push(toTask(record));
  }
  return records;
}
