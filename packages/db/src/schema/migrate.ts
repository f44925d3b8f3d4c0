import { setTimeout as sleep } from 'node:timers/promises';
import { type Migration, MigrationRunner, MigrationStorage } from '@mikro-orm/migrations';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import { migrations } from './migrations/index.ts';
import { migrationsTable, openOrm } from './orm.ts';

/** One number for the whole product; whoever holds this lock is the one that migrates. */
const migrationLock = 7_203_415_118;

/** Milliseconds to wait for another deployer, and for the tables once it is our turn. */
const deployerWaitMs = 120_000;
const tableWaitMs = 2_000;

export interface MigrateOptions {
  /** A direct connection with the owner's rights: a transaction pooler will do, but is not needed. */
  url: string;
}

/**
 * Brings the database to the newest schema: all missing migrations in one transaction, or none. Any number of
 * deployers may do this at once; one works, the others wait and find it done. Where none is missing it only looks, so a
 * role without the owner's rights will do.
 *
 * @returns the names of the migrations that this call applied.
 * @throws DatabaseUnavailableError when the database cannot be reached, or its tables stay locked.
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

/**
 * Takes back every migration, and all tasks with them.
 *
 * @returns the names of the migrations that were taken back.
 */
export function rollBackAll({ url }: MigrateOptions): Promise<string[]> {
  return withOrm(url, async (orm) => {
    const down = (em: EntityManager) => orm.migrator.down({ transaction: em.getTransactionContext(), to: 0 });
    return (await inLock(orm, down)).map(({ name }) => name);
  });
}

type Ask = <Row extends object>(sql: string) => Promise<Row[]>;

/** How a database's migrations and this version's differ. */
export interface MigrationsStatus {
  /** This version has them and the database has not, in order. */
  pending: string[];
  /** The database has them and this version knows nothing of them: a newer one has migrated it. */
  unknown: string[];
}

/** The names of the migrations that the database lacks, in order. Changes nothing. */
export async function pendingMigrations(ask: Ask): Promise<string[]> {
  try {
    return (await compareMigrations(ask)).pending;
  } catch (error) {
    throw toNamedError(error);
  }
}

/** Compares what the database has with what this version knows. Changes nothing. */
export async function compareMigrations(ask: Ask): Promise<MigrationsStatus> {
  const [table] = await ask<{ is_there: boolean }>(`select to_regclass('${migrationsTable}') is not null as is_there`);
  const applied = table?.is_there ? await ask<{ name: string }>(`select name from ${migrationsTable} order by id`) : [];
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
 * Applies the migrations of these names in the transaction that is running, the table they are noted in included, so
 * that nothing of them is left where it does not commit. For migrations that the database lacks.
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
 * Waits for its turn without holding a connection: through a small pooler the one at work may need the very connection on
 * which others would wait. The lock ends with its transaction, however that ends, and passes through poolers. The signal
 * ends the waiting only.
 */
export async function inLock<Result>(
  orm: MikroORM,
  work: (em: EntityManager) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const until = performance.now() + deployerWaitMs;
  for (;;) {
    const turn = await orm.em.fork().transactional(async (em) => {
      const [row] = await em.execute<[{ is_ours: boolean }]>(
        `select pg_try_advisory_xact_lock(${migrationLock}) as is_ours`,
      );
      if (!row.is_ours) return undefined;
      await em.execute(`select set_config('lock_timeout', '${tableWaitMs}', true)`);
      return { result: await work(em) };
    });
    if (turn !== undefined) return turn.result;
    if (performance.now() > until) {
      throw new DatabaseUnavailableError({ message: 'Another process has been migrating the database for too long.' });
    }
    await sleep(50 + Math.random() * 200, undefined, { signal });
  }
}

// The library makes this table outside of the transaction.
export const createMigrationsTable = `
create table if not exists ${migrationsTable} (
  id serial primary key,
  name varchar(255) not null,
  executed_at timestamptz(0) not null default current_timestamp
)`;
