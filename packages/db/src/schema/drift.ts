import { writeFile } from 'node:fs/promises';
import { openOrm, snapshotName } from './orm.ts';

/**
 * Where the entities, the snapshot beside the migrations and a database disagree on the schema, each a sentence with
 * the SQL that would bring the two together; empty when all agree.
 *
 * @param url A migrated database; it is only read.
 */
export async function findDrift({ url }: { url: string }): Promise<string[]> {
  const orm = openOrm(url, { poolMax: 1 });
  try {
    const toEntities = await orm.schema.getUpdateSchemaSQL({ wrap: false });
    return [
      ...((await orm.migrator.checkSchema())
        ? ['The snapshot is not what the entities say: write a migration, then pnpm db check --write-snapshot']
        : []),
      ...(toEntities.trim() === ''
        ? []
        : [`The migrated database is not what the entities say; this would make it so:\n${toEntities.trim()}`]),
    ];
  } finally {
    await orm.close();
  }
}

/** Writes the schema of the entities down beside the migrations, where a reader sees what a change does to it. */
export async function writeSnapshot(): Promise<void> {
  const orm = openOrm('postgresql://localhost/unused');
  const schema = orm.schema.getTargetSchema();
  await writeFile(
    new URL(`./migrations/${snapshotName}.json`, import.meta.url),
    `${JSON.stringify(schema, null, 2)}\n`,
  );
  await orm.close();
}
