import type { PoolClient } from 'pg';
import type { BatchResult, MaintenanceJob } from '../../src/maintenance/job.ts';
import { connect } from '../fixture.ts';

/** Runs one batch as the maintenance does. `before` runs before the first statement that contains the text. */
export async function runBatchWith(
  url: string,
  job: MaintenanceJob,
  { text, before }: { text: string; before: () => Promise<unknown> },
): Promise<BatchResult> {
  const client = await connect(url);
  let hasRun = false;
  const query = async (sql: string, values: unknown[]) => {
    if (!hasRun && sql.includes(text)) {
      hasRun = true;
      await before();
    }
    return client.query(sql, values);
  };
  await client.query('begin; set local role holdfast_tools');
  const result = await job.runBatch({ query } as unknown as PoolClient, { rowsMax: 500, after: null, trashDays: 30 });
  await client.query('commit');
  if (!hasRun) throw new Error(`No statement contains ${text}.`);
  return result;
}
