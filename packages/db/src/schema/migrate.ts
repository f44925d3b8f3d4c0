import { setTimeout as sleep } from 'node:timers/promises';
import { type Migration, MigrationRunner, MigrationStorage } from '@mikro-orm/migrations';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import { isDistributed } from './cluster.ts';
import { findMissingIndexes, toIndexSql } from './late-indexes.ts';
import { inLock, inShortLocks, pollMs, processWaitMs } from './migration-lock.ts';
import { repairTimes } from './migrations/0005-times.ts';
import { migrations } from './migrations/index.ts';
import { migrationsTable, openOrm } from './orm.ts';
import type { Query } from './query.ts';
import { assertSupported } from './supported-database.ts';
import { lockInOrder, ownerTableNames } from './table-locks.ts';

export interface MigrateOptions {
  /** The URL of a direct connection as the owner. A transaction pooler works too. */
  url: string;
  /** Called before each migration of a database with tables, and before each index and validation. Must not throw. */
  onStep?: (step: string) => void;
}

/**
 * Applies all pending migrations: each in a transaction of its own, so that its locks are short, and to an empty database all in one.
 * Then builds indexes and validates constraints, which does not block writes. If a process ends before that, the next call
 * completes it. Any number of processes may call this at the same time: one migrates, and the others wait for it. If no migration
 * is pending, a role without the owner's rights is enough, which only reads.
 *
 * @returns The names of the migrations that this call applied.
 * @throws UnsupportedDatabaseError if Holdfast cannot use the database.
 * @throws DatabaseUnavailableError if the database cannot be reached or its tables stay locked.
 */
export function migrate({ url, onStep = () => {} }: MigrateOptions): Promise<string[]> {
  return withOrm(url, async (orm) => {
    const query: Query = (sql) => orm.em.fork().execute(sql);
    await assertSupported(query);
    const pending = await pendingMigrations(query);
    const applied =
      pending.length === 0
        ? []
        : await inLock(orm, async (em) => {
            const names = await pendingMigrations((sql) => em.execute(sql));
            // No one else uses an empty database.
            if (names.length === migrations.length) await migrateWithin(orm, em, names);
            else await applyOneByOne(orm, { names, onStep });
            return names;
          });
    // The indexes of a newer version may differ.
    if ((await compareMigrations(query)).unknown.length > 0) return applied;
    await buildIndexes(orm, onStep);
    await validateConstraints(orm, onStep);
    return applied;
  });
}

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
  const [table] = await query<{ exists: boolean }>(
    `select to_regclass('public.${migrationsTable}') is not null as exists`,
  );
  const applied = table?.exists
    ? await query<{ name: string }>(`select name from public.${migrationsTable} order by id`)
    : [];
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
 * back, nothing of them remains. It builds indexes and validates constraints, so no one else may use the tables meanwhile.
 *
 * @param names Migrations that the database lacks.
 */
export async function migrateWithin(orm: MikroORM, em: EntityManager, names: readonly string[]): Promise<void> {
  await applyMigrations(orm, em, { names });
  for (const statement of toIndexSql(names)) await em.execute(statement);
  for (const statement of await findValidations(em)) await em.execute(statement);
}

/** Meanwhile, another connection holds the migration lock. */
async function applyOneByOne(
  orm: MikroORM,
  { names, onStep }: { names: readonly string[]; onStep: (step: string) => void },
): Promise<void> {
  for (const name of names) {
    onStep(name);
    await inShortLocks(orm, (em) => applyMigrations(orm, em, { names: [name], isInUse: true }));
  }
}

/** As `migrateWithin`, without indexes and validations. @param options.isInUse Whether others use the tables meanwhile. */
export async function applyMigrations(
  orm: MikroORM,
  em: EntityManager,
  { names, isInUse = false }: { names: readonly string[]; isInUse?: boolean },
): Promise<void> {
  await em.execute(createMigrationsTable);
  const locksInOrder = isInUse && !(await isDistributed((sql) => em.execute(sql)));
  const transaction = em.getTransactionContext()!;
  const [driver, options] = [orm.em.getDriver(), orm.config.get('migrations')];
  const runner = new MigrationRunner(driver, options, orm.config);
  const storage = new MigrationStorage(driver, options);
  runner.setMasterMigration(transaction);
  storage.setMasterMigration(transaction);
  for (const { name, class: Class } of migrations.filter(({ name }) => names.includes(name))) {
    const migration = new Class(driver, orm.config) as Migration;
    if (locksInOrder) {
      const getQueries = migration.getQueries.bind(migration);
      migration.getQueries = () => lockInOrder(getQueries() as string[]);
    }
    await runner.run(migration, 'up', () => storage.logMigration({ name }));
  }
}

/** Builds the missing indexes of the migrations. A transaction with the lock is open meanwhile, on a second connection. */
async function buildIndexes(orm: MikroORM, onStep: (step: string) => void): Promise<void> {
  // Not by an entity manager, whose statements would run in the transaction.
  const execute: Query = (sql) => orm.em.getConnection().execute(sql);
  if ((await findMissingIndexes(execute)).length === 0) return;
  await inLock(orm, async () => {
    const until = performance.now() + processWaitMs;
    let missing = await findMissingIndexes(execute);
    while (missing.some(({ isBeingBuilt }) => isBeingBuilt)) {
      if (performance.now() > until) {
        throw new DatabaseUnavailableError({ message: 'Another session has been building an index for too long.' });
      }
      await sleep(pollMs());
      missing = await findMissingIndexes(execute);
    }
    for (const { name, statements } of missing) {
      onStep(`index ${name}`);
      for (const statement of statements) await execute(statement);
    }
  });
}

/**
 * Validates the constraints that a migration has added as `not valid`, in one transaction for each table. Validation reads the
 * whole table, but does not block writes. If a start is interrupted before this, the next one does it.
 */
async function validateConstraints(orm: MikroORM, onStep: (step: string) => void): Promise<void> {
  const statements = await findValidations(orm.em.fork());
  if (statements.length === 0) return;
  // A server may have added such a row between the repair by the migration and its constraint.
  onStep('constraints');
  await inLock(orm, (em) => em.execute(repairTimes));
  for (const statement of statements) await inLock(orm, (em) => em.execute(statement));
}

/** One statement for each table with constraints that are not validated. Only the owner of a table may validate. */
async function findValidations(em: EntityManager): Promise<string[]> {
  const rows = await em.execute<{ statement: string }[]>(`
select format('alter table public.%I %s', relname,
  string_agg(format('validate constraint %I', conname), ', ' order by conname)) as statement
from pg_constraint join pg_class on pg_class.oid = conrelid
where not convalidated and contype in ('c', 'f') and connamespace = 'public'::regnamespace
  and 'public.' || relname in (${ownerTableNames.map((name) => `'${name}'`).join(', ')}) and pg_has_role(current_user, relowner, 'usage')
group by relname
order by relname`);
  return rows.map(({ statement }) => statement);
}

// MikroORM would create this table outside of the transaction.
export const createMigrationsTable = `
create table if not exists public.${migrationsTable} (
  id serial primary key,
  name varchar(255) not null,
  executed_at timestamptz(0) not null default current_timestamp
)`;
