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

const authPoolMax = 3;

/**
 * Opens the store. Connects at first use.
 *
 * @throws InvalidDatabaseUrlError for a URL that cannot be used.
 */
export function openAuthStore({
  url,
  connectTimeoutMs = 15_000,
}: {
  url: string;
  connectTimeoutMs?: number;
}): AuthStore {
  const pool = new Pool({
    ...toClientConfig(url),
    max: authPoolMax,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  });
  // A connection that dies while idle is gone from the pool already; without a listener it would end the process.
  pool.on('error', () => {});
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
  return { kysely: kysely.withSchema('auth'), close: () => kysely.destroy() };
}
