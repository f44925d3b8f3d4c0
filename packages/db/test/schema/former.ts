import type { Client } from 'pg';
import { migrations } from '../../src/schema/migrations/index.ts';
import { migrateUpTo } from '../../src/testing/index.ts';
import { connect, openBareDatabase } from '../fixture.ts';

export const planning = '0007-planning';
/** The migrations that a database of the previous version lacks. */
export const newer = migrations.map(({ name }) => name).filter((name) => name >= planning);

/** Opens a database with the schema of the previous version. */
export async function openFormer(): Promise<{ url: string; sql: Client }> {
  const { url } = await openBareDatabase({ empty: true });
  const former = migrations.map(({ name }) => name).filter((name) => name < planning);
  await migrateUpTo(url, former.at(-1)!);
  return { url, sql: await connect(url) };
}
