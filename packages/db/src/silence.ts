import type { Connection, Pool, PoolClient, QueryResultRow } from 'pg';

/** How much longer than its own time limit a statement may go without an answer before its connection counts as lost. */
const graceMs = 2_000;

/**
 * Breaks the connection off unless the timer is cleared or refreshed in time. A network that swallows packets ends no
 * connection by itself, and whoever waits on one would wait for ever.
 *
 * @param limitMs What PostgreSQL itself has been told to end the statement after.
 */
export function watchSilence(client: PoolClient, limitMs: number): NodeJS.Timeout {
  return setTimeout(() => {
    const { connection } = client as PoolClient & { connection: Connection };
    connection.stream.destroy(new Error('Query read timeout'));
  }, limitMs + graceMs);
}

/** Asks one question on a connection of the pool, and gives up on a connection that does not answer in time. */
export async function askWatched<Row extends QueryResultRow>(pool: Pool, sql: string): Promise<Row[]> {
  const client = await pool.connect();
  const silence = watchSilence(client, 0);
  let isBroken = true;
  try {
    const { rows } = await client.query<Row>(sql);
    isBroken = false;
    return rows;
  } finally {
    clearTimeout(silence);
    client.release(isBroken);
  }
}
