import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';

/**
 * A pool for Kysely that gives a transaction its connection only when it first does more than read, and each statement
 * before that one of its own. What is done in between, as a password is hashed, holds no connection up.
 */
export function toLatePool(pool: PostgresPool): PostgresPool {
  return {
    // It does not read by cursors, for which Kysely would have to be given a class of them.
    connect: async () => new LateClient(pool) as unknown as PostgresPoolClient,
    end: () => pool.end(),
    options: pool.options,
  };
}

const isBegin = /^(?:begin|start transaction)\b/;
const isEnd = /^(?:commit|rollback)$/;
const isRead = /^select\b(?![^]*\bfor (?:no key update|update|key share|share)\b)/;

class LateClient {
  readonly #pool: PostgresPool;
  /** What the transaction is to begin with. */
  #begin: string | undefined;
  #held: PostgresPoolClient | undefined;

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  async query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    if (this.#held !== undefined) return this.#held.query(text, values);
    if (isBegin.test(text)) this.#begin = text;
    if (this.#begin === text || isEnd.test(text)) return { command: 'COMMIT', rowCount: 0, rows: [] };
    const client = await this.#pool.connect();
    if (this.#begin !== undefined && !isRead.test(text)) {
      this.#held = client;
      await client.query(this.#begin, []);
      return client.query(text, values);
    }
    try {
      return await client.query(text, values);
    } finally {
      client.release();
    }
  }

  release(isBroken: boolean): void {
    this.#held?.release(isBroken);
  }
}
