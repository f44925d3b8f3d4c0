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
const queryTimeoutMs = 10_000;

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
    // What ends a statement whose connection a network has swallowed.
    query_timeout: queryTimeoutMs,
    keepAlive: true,
  });
  // The query in flight is told of a lost connection by itself, and the pool has let go of one that was idle; without
  // these listeners either would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
  return { kysely: kysely.withSchema('auth'), close: () => kysely.destroy() };
}
