import { openConnection } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { UnsupportedDatabaseError } from '../errors.ts';
import { dbCommand } from '../installed.ts';
import { type Query } from './cluster.ts';
import { type DistributionStep, findDistributionRefusals, findDistributionSteps } from './distribution.ts';
import { compareMigrations } from './migrate.ts';

export interface DistributeOptions {
  /** The URL of the coordinator as the owner of the tables. */
  url: string;
  /** Applies the changes. Default false: returns them only. */
  apply?: boolean;
  /** Called before each change. */
  onStep?: (step: DistributionStep) => void;
}

/**
 * Distributes the tables of a migrated database over the nodes of a Citus cluster. The rows of one user stay on one node. An
 * interrupted call can be repeated, and servers do not start before it is complete. Meanwhile, the tables are locked.
 *
 * @returns The changes: those that this call has applied, or would apply. Empty if the tables are distributed.
 * @throws UnsupportedDatabaseError with all reasons if the tables cannot be distributed. Nothing was changed then.
 */
export async function distribute({ url, apply = false, onStep }: DistributeOptions): Promise<DistributionStep[]> {
  try {
    const client = await openConnection(url);
    try {
      const query: Query = async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows;
      const pending = await findPendingMigrations(query);
      const refusals = pending.length > 0 ? pending : await findDistributionRefusals(query);
      if (refusals.length > 0) throw new UnsupportedDatabaseError(refusals);
      const steps = await findDistributionSteps(query);
      for (const step of apply ? steps : []) {
        onStep?.(step);
        for (const statement of step.statements) await client.query(statement);
      }
      return steps;
    } finally {
      await client.end();
    }
  } catch (error) {
    throw toNamedError(error);
  }
}

async function findPendingMigrations(query: Query): Promise<string[]> {
  const { pending } = await compareMigrations(query);
  return pending.length === 0 ? [] : [`Migrations are missing (${pending.join(', ')}). Run: ${dbCommand} migrate`];
}
