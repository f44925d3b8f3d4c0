import type { Client } from 'pg';
import { migrateWithin } from '../../src/schema/migrate.ts';
import { inLock } from '../../src/schema/migration-lock.ts';
import { migrations } from '../../src/schema/migrations/index.ts';
import { openOrm } from '../../src/schema/orm.ts';
import { connect, openBareDatabase } from '../fixture.ts';

export const planning = '0007-planning';
/** The migrations that a database of the previous version lacks. */
export const newer = migrations.map(({ name }) => name).filter((name) => name >= planning);

/** Opens a database with the schema of the previous version. */
export async function openFormer(): Promise<{ url: string; sql: Client }> {
  const { url } = await openBareDatabase({ empty: true });
  const orm = openOrm(url);
  const names = migrations.map(({ name }) => name).filter((name) => name < planning);
  await inLock(orm, (em) => migrateWithin(orm, em, names));
  await orm.close();
  return { url, sql: await connect(url) };
}
