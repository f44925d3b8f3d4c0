import { toList } from '../lists/record.ts';
import type { TextRow } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { mustMeasure } from '../tasks/queries/page-size.ts';
import { toTask } from '../tasks/record.ts';
import {
  type FeedEntry,
  readFeedStatement,
  readQuickFeedStatement,
  toFeedEntry,
  toQuickEntry,
} from './feed-statements.ts';
import { createRecords, type Part, type Records } from './page.ts';
import { hasMoreAfter, isSameRow, type LogPlace, type LogRow, toLogRow } from './position.ts';
import { countWithin, type Limits } from './sizes.ts';

/**
 * A client that has all changes usually finds no or few new ones. At most this many are read without measuring them in the
 * database, which would double the cost of a page without changes.
 */
const quickLimit = 50;

/** Returns the changes after a place in the log, or null if the database does not know the row that proves the cursor. */
export async function readFeed(scope: UserScope, place: LogPlace, limits: Limits): Promise<Part | null> {
  const isQuick = !hasMoreAfter(place) && !mustMeasure(quickLimit, limits.maxBytes);
  const part = isQuick ? await readQuickFeed(scope, place, limits) : undefined;
  return part === undefined ? readMeasuredFeed(scope, place, limits) : part;
}

/** Returns all changes after the newest row that the client has. Undefined if they are too many. */
async function readQuickFeed(scope: UserScope, place: LogPlace, limits: Limits): Promise<Part | null | undefined> {
  const limit = Math.min(limits.limit, quickLimit);
  // The first row proves the cursor, and the last one shows that there are more changes.
  const args = { userId: scope.userId, revision: place.revision, rows: limit + 2 };
  const rows = await internalsOf(scope).run(readQuickFeedStatement, args);
  const [first] = rows;
  if (first === undefined || !isSameRow(place.newest, toRow(first))) return null;
  if (rows.length === 1) return { ...createRecords(), end: place };
  const entries = rows.map(toQuickEntry);
  if (countWithin(entries, { ...limits, limit: limit + 1 }) < entries.length) return undefined;
  const newest = toRow(rows.at(-1)!);
  return { ...toRecords(entries), end: { in: 'log', newest, revision: newest.revision } };
}

function toRow([at, revision]: TextRow): LogRow {
  return toLogRow(revision!, at!);
}

async function readMeasuredFeed(scope: UserScope, place: LogPlace, limits: Limits): Promise<Part | null> {
  const { newest: known, revision, sent } = place;
  const { limit, maxBytes } = limits;
  const args = { userId: scope.userId, known: known.revision, revision, sent, rows: limit + 2, maxBytes };
  const rows = await internalsOf(scope).run(readFeedStatement, args);
  const [first] = rows;
  if (first === undefined) return null;
  const [knownAt, newestRevision, newestAt] = first as string[];
  const entries = rows.map(toFeedEntry);
  // The row at the place can be missing only because it is too old.
  if (entries[0]!.revision !== revision || !isSameRow(known, toLogRow(known.revision, knownAt!))) return null;
  // Without `sent`, the first entry is only the proof.
  const count = countWithin(entries, { maxBytes, limit: sent === undefined ? limit + 1 : limit });
  const newest = toLogRow(newestRevision!, newestAt!);
  return { ...toRecords(entries.slice(0, count)), end: toEnd(entries, { count, start: place, newest }) };
}

interface Shown {
  /** The number of entries of the page. */
  count: number;
  start: LogPlace;
  newest: LogRow;
}

function toEnd(entries: readonly FeedEntry[], { count, start, newest }: Shown): LogPlace {
  const { revision } = entries[count - 1]!;
  const end = { in: 'log', newest, revision } as const;
  if (entries[count]?.revision !== revision) return end;
  const sentBefore = revision === start.revision ? start.sent! : 0;
  const sentNow = entries.slice(0, count).filter((entry) => entry.revision === revision).length;
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
