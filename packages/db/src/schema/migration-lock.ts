import { setTimeout as sleep } from 'node:timers/promises';
import { type EntityManager, type MikroORM, TransactionPropagation } from '@mikro-orm/postgresql';
import { isDriverError } from '../connection/driver-error.ts';
import { findErrorCodeRow } from '../connection/error-codes.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import { isDistributed } from './cluster.ts';
import { forkWithSettings, transactionOptions } from './orm.ts';
import { ownerTableNames, toLockSql } from './table-locks.ts';

/** The key of the advisory lock that only one process holds while it migrates. */
const migrationLock = 7_203_415_118;

/** Milliseconds to wait for another process that migrates, and for locks of tables. */
export const processWaitMs = 120_000;
/** The usual `lock_timeout` in milliseconds. */
const lockTimeoutMs = 2_000;
/**
 * The `lock_timeout` of a migration. While it waits for a lock that excludes readers or writers, all later requests wait behind
 * it. It is shorter than `deadlock_timeout`, so that the migration gives way in a deadlock, and never a request.
 */
const shortLockTimeoutMs = 300;
/** A lock that excludes neither readers nor writers. Waiting for it for more than a second ends an autovacuum of the table. */
const sharedLockTimeoutMs = 10_000;

/**
 * Runs work in a transaction that holds the migration lock. It waits for the lock by polling, without a connection, because
 * the process that migrates may need the last connection of a small pooler. PostgreSQL releases the lock at the end of the
 * transaction, also behind a pooler.
 *
 * @param signal Ends the wait for the lock, but not the work.
 * @throws DatabaseUnavailableError if another process holds the lock for longer than 2 minutes.
 */
export async function inLock<Result>(
  orm: MikroORM,
  work: (em: EntityManager) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const until = performance.now() + processWaitMs;
  for (;;) {
    const done = await forkWithSettings(orm).transactional(async (em) => {
      const [row] = await em.execute<[{ is_locked: boolean }]>(
        `select pg_try_advisory_xact_lock(${migrationLock}) as is_locked`,
      );
      if (!row.is_locked) return undefined;
      await em.execute(toLimitsSql(lockTimeoutMs));
      return { result: await work(em) };
    }, transactionOptions);
    if (done !== undefined) return done.result;
    if (performance.now() > until) {
      throw new DatabaseUnavailableError({ message: 'Another process has been migrating the database for too long.' });
    }
    await sleep(pollMs(), undefined, { signal });
  }
}

/**
 * Runs work on tables in use, in a transaction of its own. If a lock is not free soon, rolls back, so that requests continue,
 * and runs the work again later.
 *
 * @throws DatabaseUnavailableError if a lock was not free for 2 minutes.
 */
export async function inShortLocks<Result>(
  orm: MikroORM,
  work: (em: EntityManager) => Promise<Result>,
): Promise<Result> {
  const until = performance.now() + processWaitMs;
  for (;;) {
    try {
      return await forkWithSettings(orm).transactional(
        async (em) => {
          await endAutovacuum(em);
          await em.execute(toLimitsSql(shortLockTimeoutMs));
          return work(em);
        },
        { ...transactionOptions, propagation: TransactionPropagation.REQUIRES_NEW },
      );
    } catch (cause) {
      if (!isLockFailure(cause)) throw cause;
      if (performance.now() > until) {
        const message = 'Other work has kept a table locked for too long. End it, then migrate again.';
        throw new DatabaseUnavailableError({ message, cause });
      }
    }
    await sleep(1_000 + Math.random() * 1_000);
  }
}

/** PostgreSQL ends an autovacuum only for a wait that takes longer than `deadlock_timeout`. */
async function endAutovacuum(em: EntityManager): Promise<void> {
  await em.execute(toLimitsSql(sharedLockTimeoutMs));
  if (await isDistributed((sql) => em.execute(sql))) return;
  await em.execute(toLockSql(ownerTableNames, 'share update exclusive'));
}

function isLockFailure(error: unknown): boolean {
  const cause = isDriverError(error) ? findErrorCodeRow(error)?.retry?.cause : undefined;
  return cause === 'lock' || cause === 'deadlock';
}

export const pollMs = () => 50 + Math.random() * 200;

// PostgreSQL has `transaction_timeout` since 17.
const toLimitsSql = (lockTimeout: number) => `
select set_config('lock_timeout', '${lockTimeout}', true), set_config('statement_timeout', '0', true),
  set_config('idle_in_transaction_session_timeout', '0', true),
  (select set_config(name, '0', true) from pg_catalog.pg_settings where name = 'transaction_timeout')`;
