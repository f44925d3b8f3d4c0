import { setTimeout as sleep } from 'node:timers/promises';
import { type Migration, MigrationRunner, MigrationStorage } from '@mikro-orm/migrations';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import { migrations } from './migrations/index.ts';
import { migrationsTable, openOrm } from './orm.ts';

/** The key of the advisory lock that only one process holds while it migrates. */
const migrationLock = 7_203_415_118;

/** Milliseconds to wait for another process that migrates. */
const processWaitMs = 120_000;
/** The `lock_timeout` of the migrations in milliseconds. */
const lockTimeoutMs = 2_000;

export interface MigrateOptions {
  /** The URL of a direct connection as the owner. A transaction pooler works too. */
  url: string;
}

/**
 * Applies all pending migrations in one transaction. Any number of processes may call this at the same time: one migrates,
 * and the others wait for it. If no migration is pending, it only reads, so a role without the owner's rights is enough.
 *
 * @returns The names of the migrations that this call applied.
 * @throws DatabaseUnavailableError if the database cannot be reached or its tables stay locked.
 */
export function migrate({ url }: MigrateOptions): Promise<string[]> {
  return withOrm(url, async (orm) => {
    const pending = await pendingMigrations((sql) => orm.em.fork().execute(sql));
    if (pending.length === 0) return [];
    return inLock(orm, async (em) => {
      const names = await pendingMigrations((sql) => em.execute(sql));
      await migrateWithin(orm, em, names);
      return names;
    });
  });
}

type Query = <Row extends object>(sql: string) => Promise<Row[]>;

/** The differences between the migrations of a database and those of this version. */
export interface MigrationsStatus {
  /** Migrations of this version that the database lacks, in order. */
  pending: string[];
  /** Migrations of the database that this version lacks: a newer version has migrated it. */
  unknown: string[];
}

/** Returns the names of the migrations that the database lacks, in order. */
export async function pendingMigrations(query: Query): Promise<string[]> {
  try {
    return (await compareMigrations(query)).pending;
  } catch (error) {
    throw toNamedError(error);
  }
}

/** Compares the migrations of a database with those of this version. */
export async function compareMigrations(query: Query): Promise<MigrationsStatus> {
  const [table] = await query<{ exists: boolean }>(`select to_regclass('${migrationsTable}') is not null as exists`);
  const applied = table?.exists ? await query<{ name: string }>(`select name from ${migrationsTable} order by id`) : [];
  const present = applied.map(({ name }) => name);
  const known = migrations.map(({ name }) => name);
  return {
    pending: known.filter((name) => !present.includes(name)),
    unknown: present.filter((name) => !known.includes(name)),
  };
}

async function withOrm<Result>(url: string, work: (orm: MikroORM) => Promise<Result>): Promise<Result> {
  const orm = openOrm(url, { poolMax: 2 });
  try {
    return await work(orm);
  } catch (error) {
    throw toNamedError(error);
  } finally {
    await orm.close();
  }
}

/**
 * Applies migrations in the current transaction, which also creates the table that lists them. If the transaction rolls
 * back, nothing of them remains.
 *
 * @param names Migrations that the database lacks.
 */
export async function migrateWithin(orm: MikroORM, em: EntityManager, names: readonly string[]): Promise<void> {
  await em.execute(createMigrationsTable);
  const transaction = em.getTransactionContext()!;
  const [driver, options] = [orm.em.getDriver(), orm.config.get('migrations')];
  const runner = new MigrationRunner(driver, options, orm.config);
  const storage = new MigrationStorage(driver, options);
  runner.setMasterMigration(transaction);
  storage.setMasterMigration(transaction);
  for (const { name, class: Class } of migrations.filter(({ name }) => names.includes(name))) {
    await runner.run(new Class(driver, orm.config) as Migration, 'up', () => storage.logMigration({ name }));
  }
}

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
    const done = await orm.em.fork().transactional(async (em) => {
      const [row] = await em.execute<[{ is_locked: boolean }]>(
        `select pg_try_advisory_xact_lock(${migrationLock}) as is_locked`,
      );
      if (!row.is_locked) return undefined;
      await em.execute(`select set_config('lock_timeout', '${lockTimeoutMs}', true)`);
      return { result: await work(em) };
    });
    if (done !== undefined) return done.result;
    if (performance.now() > until) {
      throw new DatabaseUnavailableError({ message: 'Another process has been migrating the database for too long.' });
    }
    await sleep(50 + Math.random() * 200, undefined, { signal });
  }
}

// MikroORM would create this table outside of the transaction.
export const createMigrationsTable = `
create table if not exists ${migrationsTable} (
  id serial primary key,
  name varchar(255) not null,
  executed_at timestamptz(0) not null default current_timestamp
)`;
