import type { PoolClient } from 'pg';
import { acrossUsersSql, type MaintenanceJob, type Place } from '../../src/maintenance/job.ts';
import { connect } from '../fixture.ts';

/**
 * Runs the batches of a job as the maintenance does. `before` runs once, before the first statement that contains the text.
 *
 * @returns The number of rows of all batches.
 */
export async function runJobWith(
  url: string,
  job: MaintenanceJob,
  { text, before }: { text: string; before: () => Promise<unknown> },
): Promise<number> {
  const client = await connect(url);
  let hasRun = false;
  const query = async (sql: string, values: unknown[]) => {
    if (!hasRun && sql.includes(text)) {
      hasRun = true;
      await before();
    }
    return client.query(sql, values);
  };
  let rows = 0;
  let after: Place | null | undefined = null;
  while (after !== undefined) {
    await client.query(`begin; ${acrossUsersSql}`);
    const batch = await job.runBatch({ query } as unknown as PoolClient, {
      rowsMax: 500,
      after,
      trashDays: 30,
      isDistributed: false,
    });
    await client.query('commit');
    rows += batch.rows;
    after = batch.next;
  }
  if (!hasRun) throw new Error(`No statement contains ${text}.`);
  return rows;
}
