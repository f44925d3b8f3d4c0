import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';

const waitMs = 30_000;
/** Shorter than PostgreSQL's deadlock_timeout of 1 s, so that PostgreSQL never ends the other transaction. */
const lockTimeoutMs = 500;

/**
 * Locks all rows of a user, so that every other transaction that creates or changes one of them waits. Operations lock the
 * user's row first, and other writers a task or list first. So the locks are released while one of them is not available.
 *
 * @param client In a transaction as this user.
 */
export async function lockUserRows(client: Client, userId: string): Promise<void> {
  const until = performance.now() + waitMs;
  for (;;) {
    await client.query(`savepoint before_locks; set local lock_timeout = ${lockTimeoutMs}`);
    try {
      await client.query('select from public.users where id = $1 for update', [userId]);
      for (const table of ['lists', 'tasks']) {
        const select = `select from public.${table} where user_id = $1 for update`;
        await client.query(`select count(*) from (${select}) as locked`, [userId]);
      }
      return;
    } catch (error) {
      const isBusy = error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '40P01');
      if (!isBusy || performance.now() > until) throw error;
      await client.query('rollback to before_locks; release before_locks');
    }
    await sleep(Math.random() * lockTimeoutMs);
  }
}
