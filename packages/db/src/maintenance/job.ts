import type { PoolClient } from 'pg';
import { toolsRole } from '../schema/roles.ts';

/** Where the next batch of a job continues: after this user, or after this task of the user. */
export interface Place {
  readonly userId: string;
  readonly taskId?: string;
}

export interface BatchOptions {
  /** Most rows of the batch. */
  readonly rowsMax: number;
  /** Null for the first batch of a run. */
  readonly after: Place | null;
  /** Days in the trash after which tasks and lists are removed. */
  readonly trashDays: number;
  /** Whether the rows of different users may be on different nodes of a Citus cluster. */
  readonly isDistributed: boolean;
}

export interface BatchResult {
  /** Rows that the batch has removed or changed. */
  readonly rows: number;
  /** Undefined if this batch was the last. */
  readonly next?: Place | null | undefined;
}

/** One kind of work. Each batch is a transaction. */
export interface MaintenanceJob<Kind extends string = string> {
  readonly kind: Kind;
  /** Whether a batch needs the rows of all users, and so the role `holdfast_tools`. */
  readonly isAcrossUsers: boolean;
  runBatch(client: PoolClient, options: BatchOptions): Promise<BatchResult>;
}

/**
 * The settings of a batch across users. Each of its statements reads the first rows of an index. PostgreSQL plans for an
 * average user: without these settings, it would read and sort all rows of a user who has a million.
 */
export const acrossUsersSql = `select set_config('role', '${toolsRole}', true),
  set_config('application_name', 'holdfast tools: maintenance', true), ${['seqscan', 'bitmapscan', 'sort', 'hashjoin']
    .map((name) => `set_config('enable_${name}', 'off', true)`)
    .join(', ')}`;
