import type { Client } from 'pg';
import { openConnection } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { UnsupportedDatabaseError } from '../errors.ts';
import { dbCommand } from '../installed.ts';
import { type DistributionStep, findDistributionRefusals, findDistributionSteps } from './distribution.ts';
import { compareMigrations } from './migrate.ts';
import { type Query, toClientQuery } from './query.ts';

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
      const query = toClientQuery(client);
      const pending = await findPendingMigrations(query);
      const refusals = pending.length > 0 ? pending : await findDistributionRefusals(query);
      if (refusals.length > 0) throw new UnsupportedDatabaseError(refusals);
      const steps = await findDistributionSteps(query);
      return apply ? await applySteps(client, { steps, onStep }) : steps;
    } finally {
      await client.end();
    }
  } catch (error) {
    throw toNamedError(error);
  }
}

/** The former rows of a table can be removed only after all tables are distributed, so there can be further steps. */
async function applySteps(
  client: Client,
  { steps, onStep }: { steps: readonly DistributionStep[]; onStep: DistributeOptions['onStep'] },
): Promise<DistributionStep[]> {
  const applied: DistributionStep[] = [];
  for (let next = steps; next.length > 0; next = await findDistributionSteps(toClientQuery(client))) {
    for (const step of next) {
      if (applied.some(({ change }) => change === step.change))
        throw new Error(`This change had no effect: ${step.change}.`);
      onStep?.(step);
      // The triggers of Holdfast read and write only rows of the same node.
      await client.query('begin; set local citus.enable_unsafe_triggers = on');
      for (const statement of step.statements) await client.query(statement);
      await client.query('commit');
      applied.push(step);
    }
  }
  return applied;
}

async function findPendingMigrations(query: Query): Promise<string[]> {
  const { pending } = await compareMigrations(query);
  return pending.length === 0 ? [] : [`Migrations are missing (${pending.join(', ')}). Run: ${dbCommand} migrate`];
}
