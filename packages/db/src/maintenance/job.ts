import type { PoolClient } from 'pg';

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
