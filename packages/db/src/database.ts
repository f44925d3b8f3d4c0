import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { toNamedError } from './driver-error.ts';
import { pendingMigrations } from './migrate.ts';
import { createUnitRunner } from './one-trip.ts';
import { toToolsOpening, toVariables } from './opening.ts';
import { type ConnectionLimits, openOrm } from './orm.ts';
import { askWatched } from './silence.ts';
import { type Connections, createUserScope, inTransaction, type Profile, type UserScope } from './user-scope.ts';
import { assertWalls } from './walls.ts';

export interface DatabaseOptions extends ConnectionLimits {
  /** `postgresql://user:password@host/database`, pooled or direct. */
  url: string;
  /**
   * Secret that seals the cursors of lists. Processes that share it accept each other's cursors; without it they last as
   * long as this handle.
   */
  cursorKey?: string;
  /** Milliseconds after which a statement is ended. Default 5,000. */
  statementTimeoutMs?: number;
}

export interface UserOptions {
  /** What the user's token says of them, kept when the user's row is made. */
  profile?: Profile;
  /** Lets reads that are asked for together, as the calls of one batch are, share one round trip. Default false. */
  joinReads?: boolean;
}

/** An open database: a pool of connections and the ways to work on it. */
export interface Database {
  /**
   * Everything that may be done for one user. Cheap; makes no connection by itself.
   *
   * @param userId A UUID in lower case.
   * @throws InvalidValueError for an id that is none.
   */
  asUser(userId: string, options?: UserOptions): UserScope;
  /**
   * For internal tools: a transaction that sees the rows of all users, as the role `holdfast_tools`. It can only read
   * unless `write` is set.
   */
  acrossAllUsers<Result>(work: (em: EntityManager) => Promise<Result>, options?: { write?: boolean }): Promise<Result>;
  /**
   * The names of the migrations that this version has and the database has not.
   *
   * @throws DatabaseUnavailableError when the database cannot be asked.
   */
  pendingMigrations(): Promise<string[]>;
  /** Ends the pool once running work is done. */
  close(): Promise<void>;
}

/**
 * Opens a pool and makes sure that the walls between users stand.
 *
 * @throws InvalidDatabaseUrlError for a URL that cannot be used.
 * @throws MissingWallError when the database is not migrated or would let users see each other's rows.
 * @throws DatabaseUnavailableError when it cannot be reached.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { cursorKey = randomBytes(32).toString('hex'), statementTimeoutMs = 5_000 } = options;
  const orm = openOrm(options.url, options);
  let connections: Connections;
  let pool: Pool;
  try {
    await assertWalls(orm.em.fork());
    pool = await orm.em.getConnection().getNativeClient();
    connections = {
      runUnit: createUnitRunner(pool),
      fork: (opening) => orm.em.fork({ session: { variables: toVariables(opening) } }),
    };
  } catch (error) {
    await orm.close();
    throw toNamedError(error);
  }
  return {
    asUser: (userId, { profile = { email: null, name: null }, joinReads = false } = {}) =>
      createUserScope(connections, { userId, profile, joinReads, cursorKey, statementTimeoutMs }),
    acrossAllUsers: (work, { write = false } = {}) => inTransaction(connections, toToolsOpening({ write }), work),
    pendingMigrations: () => pendingMigrations((sql) => askWatched(pool, sql)),
    close: () => orm.close(),
  };
}
