import { writeFile } from 'node:fs/promises';
import { openOrm, snapshotName } from './orm.ts';

/**
 * Compares the schema of the entities with the snapshot beside the migrations and with a database.
 *
 * @param url A migrated database. It is only read.
 * @returns One sentence per difference, with the SQL that would remove it. Empty if all three agree.
 */
export async function findDrift({ url }: { url: string }): Promise<string[]> {
  const orm = openOrm(url, { poolMax: 1 });
  try {
    const toEntities = await orm.schema.getUpdateSchemaSQL({ wrap: false });
    return [
      ...((await orm.migrator.checkSchema())
        ? ['The snapshot differs from the entities. Write a migration, then run pnpm db check --write-snapshot.']
        : []),
      ...(toEntities.trim() === ''
        ? []
        : [
            `The migrated database differs from the entities. This SQL would remove the difference:\n${toEntities.trim()}`,
          ]),
    ];
  } finally {
    await orm.close();
  }
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
