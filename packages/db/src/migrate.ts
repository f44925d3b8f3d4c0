import { type Migration, MigrationRunner, MigrationStorage } from '@mikro-orm/migrations';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { toNamedError } from './driver-error.ts';
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
 * deployers may do this at once; one works, the others wait and find it done.
 *
 * @returns the names of the migrations that this call applied.
 * @throws DatabaseUnavailableError when the database cannot be reached, or its tables stay locked.
 */
export function migrate({ url }: MigrateOptions): Promise<string[]> {
  return withMigrator(url, (orm, transaction) => orm.migrator.up({ transaction }));
}

/**
 * Takes back every migration, and all tasks with them.
 *
 * @returns the names of the migrations that were taken back.
 */
export function rollBackAll({ url }: MigrateOptions): Promise<string[]> {
  return withMigrator(url, (orm, transaction) => orm.migrator.down({ transaction, to: 0 }));
}

type Ask = <Row extends object>(sql: string) => Promise<Row[]>;

/** The names of the migrations that the database lacks, in order. Changes nothing. */
export async function pendingMigrations(ask: Ask): Promise<string[]> {
  try {
    const [table] = await ask<{ is_there: boolean }>(
      `select to_regclass('${migrationsTable}') is not null as is_there`,
    );
    const applied = table?.is_there ? await ask<{ name: string }>(`select name from ${migrationsTable}`) : [];
    const names = new Set(applied.map(({ name }) => name));
    return migrations.map(({ name }) => name).filter((name) => !names.has(name));
  } catch (error) {
    throw toNamedError(error);
  }
}

type MasterTransaction = Exclude<ReturnType<EntityManager['getTransactionContext']>, undefined>;

async function withMigrator(
  url: string,
  run: (orm: MikroORM, transaction: MasterTransaction) => Promise<{ name: string }[]>,
): Promise<string[]> {
  const orm = openOrm(url, { poolMax: 2 });
  try {
    await inLock(orm, (em) => em.execute(createMigrationsTable));
    const done = await inLock(orm, (em) => run(orm, em.getTransactionContext()));
    return done.map(({ name }) => name);
  } catch (error) {
    throw toNamedError(error);
  } finally {
    await orm.close();
  }
}

/**
 * Applies the migrations of these names in the transaction that is running, the table they are noted in included, so
 * that nothing of them is left where it does not commit. For a database that has none of them.
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
 * Works in one transaction while nobody else migrates. The lock ends with its transaction, however that ends, and
 * passes through poolers.
 */
export function inLock<Result>(orm: MikroORM, work: (em: EntityManager) => Promise<Result>): Promise<Result> {
  return orm.em.fork().transactional(async (em) => {
    await em.execute(`select set_config('lock_timeout', '${deployerWaitMs}', true)`);
    await em.execute(`select pg_advisory_xact_lock(${migrationLock})`);
    await em.execute(`select set_config('lock_timeout', '${tableWaitMs}', true)`);
    return work(em);
  });
}

// The migrator makes this table outside of the transaction it is given, so it has to be there before.
export const createMigrationsTable = `
create table if not exists ${migrationsTable} (
  id serial primary key,
  name varchar(255) not null,
  executed_at timestamptz(0) not null default current_timestamp
)`;
