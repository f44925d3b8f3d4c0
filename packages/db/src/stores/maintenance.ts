import { setTimeout as sleep } from 'node:timers/promises';
import { inOperation } from '@holdfast/operation';
import { toNamedError } from '../connection/driver-error.ts';
import type { DatabaseObserver } from '../connection/observer.ts';
import { type InstrumentedPool, openPool } from '../connection/pool.ts';

/** Rows that maintenance removes. */
const kinds = [
  {
    name: 'sessions',
    table: 'auth.session',
    condition: `"expiresAt" < now() - interval '1 day'`,
  },
  {
    name: 'verifications',
    table: 'auth.verification',
    condition: `"expiresAt" < now() - interval '1 day'`,
  },
  {
    name: 'rate limits',
    table: 'auth.rate_limits',
    condition: `expire < (extract(epoch from now()) - 3600) * 1000`,
  },
  // A token is valid for 15 minutes.
  {
    name: 'ended sessions',
    table: 'auth.ended_sessions',
    condition: `ended_at < now() - interval '1 hour'`,
  },
  // As long as the account exists, its user can sign in.
  {
    name: 'erased users',
    table: 'auth.erased_users',
    condition: `erased_at < now() - interval '90 days' and not exists (select from auth."user" where id = rows.id)`,
  },
] as const;

export type MaintenanceKind = (typeof kinds)[number]['name'];
export const maintenanceKinds: readonly MaintenanceKind[] = kinds.map(({ name }) => name);

/** Rows removed of each kind, or `busy` if another server does this work. */
export type MaintenanceResult = ReadonlyMap<MaintenanceKind, number> | 'busy';

export interface MaintenanceOptions {
  url: string;
  /** Ends the work after the current batch. */
  signal: AbortSignal;
  /** Receives a report of each statement. */
  observer?: DatabaseObserver;
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
 * Removes rows that have lost their purpose, in small transactions on a separate connection, which is closed at the end. If
 * several servers call this at the same time, one of them does the work.
 *
 * @throws DatabaseUnavailableError, StatementTimeoutError, and AccessRefusedError if the login lacks privileges.
 */
export async function runMaintenance(options: MaintenanceOptions): Promise<MaintenanceResult> {
  const { url, signal, observer, batchMax = 500 } = options;
  const pool = openPool(url, { max: 1, statementLimitMs, retryConnect: false, observer });
  const removed = new Map<MaintenanceKind, number>();
  try {
    for (const kind of kinds) {
      for (let rows = batchMax; rows === batchMax && !signal.aborted;) {
        const batch = await inOperation({ name: 'maintenance' }, () => removeBatch(pool, kind, batchMax));
        if (batch === 'busy') return removed.size === 0 ? batch : removed;
        rows = batch;
        removed.set(kind.name, (removed.get(kind.name) ?? 0) + rows);
        if (rows > 0) await sleep(pauseMs);
      }
    }
    return removed;
  } catch (error) {
    throw toNamedError(error);
  } finally {
    await pool.end();
  }
}

async function removeBatch(
  pool: InstrumentedPool,
  { table, condition }: (typeof kinds)[number],
  batchMax: number,
): Promise<number | 'busy'> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    await client.query('begin');
    await client.query(`select set_config('lock_timeout', '${lockTimeoutMs}', true)`);
    const { rows: locks } = await client.query<{ is_locked: boolean }>(
      `select pg_try_advisory_xact_lock(${maintenanceLock}) as is_locked`,
    );
    const isLocked = locks[0]!.is_locked;
    const removed = isLocked ? await client.query(removalSql(table, condition), [batchMax]) : null;
    await client.query('commit');
    isBroken = false;
    return removed?.rowCount ?? 'busy';
  } finally {
    client.release(isBroken);
  }
}

/** Leaves rows that a request has locked. */
const removalSql = (table: string, condition: string) => `
delete from ${table} where ctid = any (array(
  select ctid from ${table} as rows where ${condition} limit $1 for update skip locked
))`;
