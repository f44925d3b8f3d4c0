import { Kysely, PostgresDialect } from 'kysely';
import type { DatabaseObserver } from '../connection/observer.ts';
import { openPool } from '../connection/pool.ts';
import { toLatePool } from './deferred-pool.ts';

/** Where the server's sign-in keeps its accounts and sessions: the schema `auth`, on a small pool of its own. */
export interface AuthStore {
  /** For the sign-in library alone; its tables are not described here. */
  // oxlint-disable-next-line typescript/no-explicit-any -- The library knows its own tables.
  kysely: Kysely<any>;
  /** Ends the pool once running statements are done. */
  close(): Promise<void>;
}

export interface AuthStoreOptions {
  url: string;
  /** Milliseconds to wait for a connection while all are at work, or while the server refuses them. Default 5,000. */
  poolWaitMs?: number;
  /** Milliseconds to wait for the server to take a connection. Default 15,000. */
  connectTimeoutMs?: number;
  /** Milliseconds that a statement may take before its connection counts as lost. Default 5,000. */
  statementTimeoutMs?: number;
  /** Told of every statement. */
  observer?: DatabaseObserver;
}

const authPoolMax = 3;

/**
 * Opens the store. Connects at first use.
 *
 * @throws InvalidDatabaseUrlError for a URL that cannot be used.
 */
export function openAuthStore({
  url,
  poolWaitMs,
  connectTimeoutMs,
  statementTimeoutMs = 5_000,
  observer,
}: AuthStoreOptions): AuthStore {
  const pool = openPool(url, {
    max: authPoolMax,
    waitMs: poolWaitMs,
    connectTimeoutMs,
    statementLimitMs: statementTimeoutMs,
    observer,
  });
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool: toLatePool(pool) }) });
  return { kysely: kysely.withSchema('auth'), close: () => kysely.destroy() };
}
