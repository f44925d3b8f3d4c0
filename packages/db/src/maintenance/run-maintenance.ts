import { setTimeout as sleep } from 'node:timers/promises';
import { inOperation } from '@holdfast/operation';
import type { PoolClient } from 'pg';
import { toNamedError } from '../connection/driver-error.ts';
import { transactionAssignments, transactionSettings } from '../connection/fixed-settings.ts';
import type { DatabaseObserver } from '../connection/observer.ts';
import { type InstrumentedPool, openPool } from '../connection/pool.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import { isDistributed } from '../schema/cluster.ts';
import { toSetLocalSql } from '../scope/transaction-frame.ts';
import { foldTasksJob } from './fold-tasks.ts';
import { acrossUsersSql, type BatchOptions, type BatchResult, type MaintenanceJob, type Place } from './job.ts';
import { pruneChangesJob } from './prune-changes.ts';
import { purgeListsJob, purgeTasksJob } from './purge-trash.ts';
import { signInJobs } from './sign-in-rows.ts';

/** In the order in which they run. A list can be removed after its tasks. */
const jobs = [...signInJobs, purgeTasksJob, purgeListsJob, pruneChangesJob, foldTasksJob] as const;

export type MaintenanceKind = (typeof jobs)[number]['kind'];
export const maintenanceKinds: readonly MaintenanceKind[] = jobs.map(({ kind }) => kind);

/** Rows of each kind that were removed, or folded for `search texts`; `busy` if another server does this work. */
export type MaintenanceResult = ReadonlyMap<MaintenanceKind, number> | 'busy';

export interface MaintenanceOptions {
  url: string;
  /** Ends the work after the current batch. */
  signal: AbortSignal;
  /** Days in the trash after which tasks and lists are removed. 0 means that they are never removed. Default 30. */
  trashDays?: number;
  /** Receives a report of each statement. */
  observer?: DatabaseObserver;
  /** Called after each batch with its number of rows. Must not throw. */
  onBatch?: (kind: MaintenanceKind, rows: number) => void;
  /** Rows per transaction. Default 500. */
  batchMax?: number;
}

/** The key of the advisory lock that one server holds during a batch. */
const maintenanceLock = 7_203_415_120;
/** Requests have priority: a statement that takes longer or waits for a lock fails, and the next run continues. */
const statementLimitMs = 5_000;
const lockTimeoutMs = 100;
const pauseMs = 20;

/**
 * Removes rows that have lost their purpose and makes missing search texts, in small transactions on a separate connection,
 * which is closed at the end. If several servers call this at the same time, one of them does the work. If one kind of work
 * fails, the others still run.
 *
 * @throws DatabaseUnavailableError, StatementTimeoutError, and AccessRefusedError if the login lacks privileges.
 */
export async function runMaintenance(options: MaintenanceOptions): Promise<MaintenanceResult> {
  const { url, signal, observer } = options;
  const pool = openPool(url, { max: 1, statementLimitMs, retryConnect: false, observer });
  const counts = new Map<MaintenanceKind, number>();
  const errors: unknown[] = [];
  try {
    const isOnCluster = await isDistributed((sql) => pool.queryOnce(sql));
    for (const job of jobs) {
      if (signal.aborted) break;
      try {
        const isBusy = await runJob(pool, job, { ...options, counts, isOnCluster });
        if (isBusy) break;
      } catch (error) {
        errors.push(toNamedError(error));
        if (errors.at(-1) instanceof DatabaseUnavailableError) break;
      }
    }
    if (errors.length > 0) throw errors[0];
    return counts.size === 0 && !signal.aborted ? 'busy' : counts;
  } catch (error) {
    throw toNamedError(error);
  } finally {
    await pool.end();
  }
}

interface RunOptions extends MaintenanceOptions {
  counts: Map<MaintenanceKind, number>;
  isOnCluster: boolean;
}

/** Runs the batches of a job. Returns true if another server does the work. */
async function runJob(
  pool: InstrumentedPool,
  job: MaintenanceJob<MaintenanceKind>,
  { signal, trashDays = 30, batchMax = 500, onBatch, counts, isOnCluster }: RunOptions,
): Promise<boolean> {
  const { kind } = job;
  let after: Place | null | undefined = null;
  while (after !== undefined && !signal.aborted) {
    const batchOptions: BatchOptions = { rowsMax: batchMax, after, trashDays, isDistributed: isOnCluster };
    const batch: BatchResult | 'busy' = await inOperation({ name: 'maintenance' }, () =>
      runBatch(pool, job, async (client) => {
        if (isOnCluster) await client.query(nodesSql);
        return job.runBatch(client, batchOptions);
      }),
    );
    if (batch === 'busy') return true;
    counts.set(kind, (counts.get(kind) ?? 0) + batch.rows);
    onBatch?.(kind, batch.rows);
    after = batch.next;
    if (batch.rows > 0) await sleep(pauseMs);
  }
  return false;
}

/** Runs one transaction, unless another server is in one. */
async function runBatch(
  pool: InstrumentedPool,
  { isAcrossUsers }: MaintenanceJob,
  work: (client: PoolClient) => Promise<BatchResult>,
): Promise<BatchResult | 'busy'> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    await client.query('begin');
    const { rows: locks } = await client.query<{ is_locked: boolean }>(lockSql);
    const isLocked = locks[0]!.is_locked;
    if (isLocked && isAcrossUsers) await client.query(acrossUsersSql);
    const result = isLocked ? await work(client) : 'busy';
    await client.query('commit');
    isBroken = false;
    return result;
  } catch (error) {
    // The end of a connection would release the advisory lock only later.
    isBroken = await client.query('rollback').then(
      () => false,
      () => true,
    );
    throw error;
  } finally {
    client.release(isBroken);
  }
}

const lockSql = `select pg_try_advisory_xact_lock(${maintenanceLock}) as is_locked,
  set_config('lock_timeout', '${lockTimeoutMs}', true), ${transactionAssignments.join(', ')}`;

/** The same limit on all nodes of a Citus cluster. */
const nodesSql = toSetLocalSql([['lock_timeout', String(lockTimeoutMs)], ...Object.entries(transactionSettings)]);
