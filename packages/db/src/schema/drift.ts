import { writeFile } from 'node:fs/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { dbCommand } from '../installed.ts';
import {
  compareSchema,
  type Definition,
  type DefinitionsByMigration,
  definitionsFile,
  describeDefinition,
  describeDifference,
  readDefinitions,
  readExpectedDefinitions,
  type SchemaDifference,
} from './definitions.ts';
import { compareMigrations, migrateWithin } from './migrate.ts';
import { inLock } from './migration-lock.ts';
import { migrations } from './migrations/index.ts';
import { openOrm, snapshotName } from './orm.ts';
import type { QueryWithValues } from './query.ts';

/**
 * Compares a database with the entities, and with the definitions of its migrations. Compares the snapshot beside the
 * migrations with the entities.
 *
 * @param url A migrated database. It is only read.
 * @returns One sentence per difference, with the SQL that would remove it. Empty if all agree.
 */
export async function findDrift({ url }: { url: string }): Promise<string[]> {
  const orm = openOrm(url, { poolMax: 1 });
  try {
    const toEntities = await orm.schema.getUpdateSchemaSQL({ wrap: false });
    const all = await orm.em.fork().transactional((em) => findDifferences(em), { readOnly: true });
    const differences = toEntities.trim() === '' ? all : all.filter((difference) => !isInEntities(difference));
    return [
      ...((await orm.migrator.checkSchema())
        ? [`The snapshot differs from the entities. Write a migration, then run ${dbCommand} check --write-snapshot.`]
        : []),
      ...(toEntities.trim() === ''
        ? []
        : [
            `The migrated database differs from the entities. This SQL would remove the difference:\n${toEntities.trim()}`,
          ]),
      ...differences.map(describeDifference),
    ];
  } finally {
    await orm.close();
  }
}

/** The entities describe these objects too, so their comparison has already found the difference. */
function isInEntities({ kind, table }: SchemaDifference): boolean {
  return (
    /^public\.(users|lists|tasks|changes|calendar_feeds)$/.test(table ?? '') &&
    /^(column|constraint|index|policy)$/.test(kind)
  );
}

async function findDifferences(em: EntityManager): Promise<SchemaDifference[]> {
  const query = toQuery(em);
  const { pending, unknown } = await compareMigrations(query);
  // The definitions of a newer version are unknown.
  if (unknown.length > 0) return [];
  const applied = migrations.map(({ name }) => name).filter((name) => !pending.includes(name));
  return (await compareSchema(query, applied)).differences;
}

/** Returns a function that runs SQL with `$1`, which `em.execute` does not support, in the transaction of `em`. */
export function toQuery(em: EntityManager): QueryWithValues {
  return async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
    (await em.getKysely().executeQuery<Row>(CompiledQuery.raw(sql, [...values]))).rows;
}

/** Migrates an empty database one migration at a time, and returns the objects that each one creates, changes or drops. */
export async function recordDefinitions(url: string): Promise<DefinitionsByMigration> {
  const orm = openOrm(url, { poolMax: 1 });
  const recorded: Record<string, Record<string, Definition | null>> = {};
  let before = new Map<string, Definition>();
  try {
    for (const { name } of migrations) {
      const after = await inLock(orm, async (em) => {
        await migrateWithin(orm, em, [name]);
        return readDefinitions(toQuery(em));
      });
      const now = new Map(after.map((definition) => [describeDefinition(definition), definition]));
      const entries = [
        ...[...now].filter(([key, { definition }]) => before.get(key)?.definition !== definition),
        ...[...before.keys()].filter((key) => !now.has(key)).map((key) => [key, null] as const),
      ];
      recorded[name] = Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
      before = now;
    }
    return recorded;
  } finally {
    await orm.close();
  }
}

/** Returns a sentence if the stored definitions differ from the recorded ones, which the migrations of this version produce. */
export function findStaleDefinitions(recorded: DefinitionsByMigration): string[] {
  return JSON.stringify(recorded) === JSON.stringify(readExpectedDefinitions())
    ? []
    : [`The file definitions.json differs from the migrations. Run ${dbCommand} check --write-snapshot.`];
}

export async function writeDefinitions(recorded: DefinitionsByMigration): Promise<void> {
  await writeFile(definitionsFile, `${JSON.stringify(recorded, null, 2)}\n`);
}

/** Writes the schema of the entities to the snapshot beside the migrations, so that a diff shows every schema change. */
export async function writeSnapshot(): Promise<void> {
  const orm = openOrm('postgresql://localhost/unused');
  const schema = orm.schema.getTargetSchema();
  await writeFile(
    new URL(`./migrations/${snapshotName}.json`, import.meta.url),
    `${JSON.stringify(schema, null, 2)}\n`,
  );
  await orm.close();
}
