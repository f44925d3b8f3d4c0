import { inOperation } from '@holdfast/operation';
import type { QueryConfig, QueryResult } from 'pg';
import type { DatabaseObserver } from '../connection/observer.ts';
import { openPool } from '../connection/pool.ts';

/** The table of counts, as the limiting library names its parts; a migration makes it. */
export const rateLimitTable = { schemaName: 'auth', tableName: 'rate_limits' } as const;

/** Where several servers keep the counts of their rate limits together, on a small pool of its own. */
export interface RateLimitStore {
  /**
   * For the limiting library alone. What has no answer within half a second is given up: a limit must not hold up what it
   * limits.
   */
  query(statement: QueryConfig): Promise<QueryResult>;
  /** Ends the pool once running statements are done. */
  close(): Promise<void>;
}

export interface RateLimitStoreOptions {
  url: string;
  /** Told of every statement. */
  observer?: DatabaseObserver;
}

const poolMax = 3;
const patienceMs = 500;

/**
 * Opens the store. Connects at first use.
 *
 * @throws InvalidDatabaseUrlError for a URL that cannot be used.
 */
export function openRateLimitStore({ url, observer }: RateLimitStoreOptions): RateLimitStore {
  const pool = openPool(url, {
    max: poolMax,
    waitMs: patienceMs,
    statementLimitMs: patienceMs,
    retryConnect: false,
    observer,
  });

  async function ask(statement: QueryConfig): Promise<QueryResult> {
    const client = await pool.connect();
    let isBroken = true;
    try {
      const result = await client.query(statement);
      isBroken = false;
      return result;
    } finally {
      client.release(isBroken);
    }
  }

  return {
    query: (statement) => inOperation({ deadlineAt: performance.now() + patienceMs }, () => ask(statement)),
    close: () => pool.end(),
  };
}
