import { inOperation } from '@holdfast/operation';
import type { QueryConfig, QueryResult } from 'pg';
import type { DatabaseObserver } from '../connection/observer.ts';
import { openPool } from '../connection/pool.ts';

/** The table of counts, in the form that the rate-limit library expects. A migration creates it. */
export const rateLimitTable = { schemaName: 'auth', tableName: 'rate_limits' } as const;

/** The rate-limit counts that several servers share, on a separate small pool. */
export interface RateLimitStore {
  /** For the rate-limit library. A query fails after half a second, so that a limit never delays the calls it counts. */
  query(statement: QueryConfig): Promise<QueryResult>;
  /** Closes the pool after running statements have ended. */
  close(): Promise<void>;
}

export interface RateLimitStoreOptions {
  url: string;
  /** Maximum number of connections. Default 3. */
  poolMax?: number;
  /** Receives a report of each statement. */
  observer?: DatabaseObserver;
}

const timeoutMs = 500;

/**
 * Opens the store. Connects at first use.
 *
 * @throws InvalidDatabaseUrlError if the URL cannot be used.
 */
export function openRateLimitStore({ url, poolMax = 3, observer }: RateLimitStoreOptions): RateLimitStore {
  const pool = openPool(url, {
    max: poolMax,
    waitMs: timeoutMs,
    statementLimitMs: timeoutMs,
    retryConnect: false,
    observer,
  });

  async function query(statement: QueryConfig): Promise<QueryResult> {
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
    query: (statement) => inOperation({ deadlineAt: performance.now() + timeoutMs }, () => query(statement)),
    close: () => pool.end(),
  };
}
