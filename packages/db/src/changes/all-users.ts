import type { EntityManager } from '@mikro-orm/postgresql';
import { createToolsScope } from '../scope/user-scope.ts';
import { listChanges } from './list-changes.ts';
import { createRecords, type Records } from './page.ts';
import { hasMoreAfter, isSameRow, type LogRow, toLogRow, toPlace } from './position.ts';

/** Users that one statement checks. */
const usersMax = 1_000;
/** Most records, and about the most bytes, of one page and of the pages of one transaction. */
const recordsMax = 500;
const bytesMax = 1_000_000;

const firstId = '00000000-0000-0000-0000-000000000000';
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Positions are stored by tools, which see all rows anyway. So their signature only finds mistakes. */
const cursorKey = 'holdfast tools';

/** Users whose IDs are greater than `after`, up to `until`. */
export interface UserRange {
  after: string;
  until: string;
}

export interface AllChangesOptions {
  /** Returns the stored position of each user in a range who has one. */
  readPositions(range: UserRange): ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>;
  /** Ends the reading after the current page. */
  signal?: AbortSignal | undefined;
}

/** A page of changes of one user. Store it together with its position, in one transaction. */
export interface ChangesOfUser extends Records {
  userId: string;
  /** Replaces the stored position of the user. Null if the user has no log: remove the stored position. */
  position: string | null;
  /** True if stored records of this user may be outdated: remove them all. The current ones follow. */
  isReset: boolean;
  /** True if the user no longer exists. `isReset` is true, too. */
  isErased: boolean;
}

/** The part of `Database` that the reader uses. */
export interface ToolsAccess {
  acrossAllUsers<Result>(work: (em: EntityManager) => Promise<Result>): Promise<Result>;
}

/**
 * For internal tools: reads the changes of all users since the stored positions, once. The pages of each user are in
 * order, and contain the current tasks and lists. It never misses a committed change, but may repeat one. After a restore
 * of the database, it resets the users whose position belongs to lost changes.
 *
 * Each transaction is short, read-only and on the primary. No transaction is open while the caller stores a page.
 */
export async function* readAllChanges(
  db: ToolsAccess,
  { readPositions, signal }: AllChangesOptions,
): AsyncGenerator<ChangesOfUser, void, void> {
  for (let after: string | null = firstId; after !== null;) {
    const slice = await readSlice(db, after);
    const positions = await readPositions({ after, until: slice.until });
    const users = new Set(slice.users.map(({ id }) => id));
    for (const userId of positions.keys()) {
      if (signal?.aborted) return;
      if (!users.has(userId)) yield { ...createRecords(), userId, position: null, isReset: true, isErased: true };
    }
    const waiting = slice.users.flatMap(({ id, ...newest }) => {
      const user = { userId: id, position: positions.get(id), newest: toRow(newest) };
      return isBehind(user) ? [user] : [];
    });
    while (waiting.length > 0) {
      for (const { user, page, hasMore } of await readPages(db, waiting)) {
        if (signal?.aborted) return;
        yield page;
        const read = { ...user, position: page.position! };
        // Changes that were made since the check are left to the next call. Otherwise, a busy user could delay all others.
        if (hasMore && isBefore(read)) waiting.push(read);
      }
    }
    after = slice.until === lastId ? null : slice.until;
  }
}

interface SliceUser {
  id: string;
  /** Of the newest row of the log; null without one. */
  revision: string | null;
  at: string | null;
}

async function readSlice(db: ToolsAccess, after: string): Promise<{ users: SliceUser[]; until: string }> {
  const users = await db.acrossAllUsers((em) =>
    em.execute<SliceUser[]>(
      `select users.id, newest.revision::text, newest.at::text
      from users left join lateral (
        select revision, at from changes where user_id = users.id order by revision desc limit 1
      ) as newest on true
      where users.id > ?
      order by users.id limit ${usersMax}`,
      [after],
    ),
  );
  return { users, until: users.length < usersMax ? lastId : users.at(-1)!.id };
}

interface WaitingUser {
  userId: string;
  position: string | undefined;
  /** The newest row of the log when the user was checked. */
  newest: LogRow | null;
}

function toRow({ revision, at }: Omit<SliceUser, 'id'>): LogRow | null {
  return revision === null ? null : toLogRow(revision, at!);
}

/** Whether there is something to read. */
function isBehind({ userId, position, newest }: WaitingUser): boolean {
  if (position === undefined) return newest !== null;
  const place = toPlace({ cursorKey, userId }, position);
  return newest === null || hasMoreAfter(place) || !isSameRow(place.newest, newest);
}

/** Whether the position is before the newest row. */
function isBefore({ userId, position, newest }: WaitingUser): boolean {
  const place = toPlace({ cursorKey, userId }, position!);
  return place.in !== 'log' || place.sent !== undefined || BigInt(place.revision) < BigInt(newest?.revision ?? 0);
}

interface ReadPage {
  user: WaitingUser;
  page: ChangesOfUser;
  hasMore: boolean;
}

/** Reads the next pages of the first users, and removes these users from the list. */
async function readPages(db: ToolsAccess, waiting: WaitingUser[]): Promise<ReadPage[]> {
  return db.acrossAllUsers(async (em) => {
    const pages: ReadPage[] = [];
    let records = 0;
    let bytes = 0;
    while (waiting.length > 0 && records < recordsMax && bytes < bytesMax) {
      const user = waiting.shift()!;
      const { userId, position } = user;
      const scope = createToolsScope(em, { userId, cursorKey });
      const query = { since: position, limit: recordsMax, maxBytes: bytesMax };
      const { cursor, isReset, hasMore, tasks, lists, removed } = await listChanges(scope, query);
      records += 1 + tasks.length + lists.length + removed.length;
      bytes += tasks.reduce((sum, { title, description }) => sum + title.length + (description?.length ?? 0), 0);
      if (cursor === null && !isReset) continue;
      const page = { userId, tasks, lists, removed, position: cursor, isReset, isErased: false };
      pages.push({ user, page, hasMore });
    }
    return pages;
  });
}
