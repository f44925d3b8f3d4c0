import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { toClientConfig } from './connection.ts';

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
  /** Milliseconds to wait for a connection, from the pool and to the server. Default 15,000. */
  connectTimeoutMs?: number;
  /** Milliseconds after which a statement without an answer counts as lost. Default 10,000. */
  queryTimeoutMs?: number;
}

const authPoolMax = 3;

/**
 * Opens the store. Connects at first use.
 *
 * @throws InvalidDatabaseUrlError for a URL that cannot be used.
 */
export function openAuthStore({
  url,
  connectTimeoutMs = 15_000,
  queryTimeoutMs = 10_000,
}: AuthStoreOptions): AuthStore {
  const pool = new Pool({
    ...toClientConfig(url),
    max: authPoolMax,
    connectionTimeoutMillis: connectTimeoutMs,
    // What ends a statement whose connection a network has swallowed; in this mode node-postgres ends the connection too,
    // where otherwise it would go back to the pool with the statement still running.
    query_timeout: queryTimeoutMs,
    pipeline: true,
    keepAlive: true,
  });
  // The query in flight is told of a lost connection by itself, and the pool has let go of one that was idle; without
  // these listeners either would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
  return { kysely: kysely.withSchema('auth'), close: () => kysely.destroy() };
}
