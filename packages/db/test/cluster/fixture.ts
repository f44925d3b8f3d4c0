import { type Database, type DatabaseOptions, openDatabase } from '../../src/index.ts';
import { type CitusDatabase, findCitus, openCitusDatabase } from '../../src/testing/index.ts';
import { atEnd } from '../fixture.ts';

export const hasCitus = findCitus() !== undefined;
if (!hasCitus) console.warn('Skipped: tests of distributed tables, for TEST_CITUS_URL names no coordinator.');

/** A database on all nodes of the cluster, which is dropped at the end. With `migrated: false`, it is empty. */
export async function openCluster(options: { migrated?: boolean } = {}): Promise<CitusDatabase> {
  const database = await openCitusDatabase(findCitus()!, options);
  atEnd(() => database.drop());
  return database;
}

export async function openHandle(url: string, options: Partial<DatabaseOptions> = {}): Promise<Database> {
  const db = await openDatabase({ url, ...options });
  atEnd(() => db.close());
  return db;
}
