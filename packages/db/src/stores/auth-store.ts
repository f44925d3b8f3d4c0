import { Kysely, PostgresDialect } from 'kysely';
import type { DatabaseObserver } from '../connection/observer.ts';
import { openPool } from '../connection/pool.ts';

/** Accounts and sessions of the server's sign-in: the schema `auth`, on a separate small pool. */
export interface AuthStore {
  /** For the sign-in library. */
  // oxlint-disable-next-line typescript/no-explicit-any -- The library knows its own tables.
  kysely: Kysely<any>;
  /** Maximum number of connections. A transaction occupies one until it ends. */
  readonly poolMax: number;
  /** Closes the pool after running statements have ended. */
  close(): Promise<void>;
}

export interface AuthStoreOptions {
  url: string;
  /** Maximum number of connections. Default 3. */
  poolMax?: number;
  /** Milliseconds to wait for a free connection, or for a server that refuses connections. Default 5,000. */
  poolWaitMs?: number;
  /** Milliseconds to wait until the server accepts a connection. Default 15,000. */
  connectTimeoutMs?: number;
  /** Milliseconds that a statement may take before its connection counts as lost. Default 5,000. */
  statementTimeoutMs?: number;
  /** Receives a report of each statement. */
  observer?: DatabaseObserver;
}

/**
 * Opens the store. Connects at first use.
 *
 * @throws InvalidDatabaseUrlError if the URL cannot be used.
 */
export function openAuthStore({
  url,
  poolMax = 3,
  poolWaitMs,
  connectTimeoutMs,
  statementTimeoutMs = 5_000,
  observer,
}: AuthStoreOptions): AuthStore {
  const pool = openPool(url, {
    max: poolMax,
    waitMs: poolWaitMs,
    connectTimeoutMs,
    statementLimitMs: statementTimeoutMs,
    observer,
  });
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
  return { kysely: kysely.withSchema('auth'), poolMax, close: () => kysely.destroy() };
}
