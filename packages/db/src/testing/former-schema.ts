import { migrateWithin } from '../schema/migrate.ts';
import { inLock } from '../schema/migration-lock.ts';
import { migrations } from '../schema/migrations/index.ts';
import { openOrm } from '../schema/orm.ts';

/** Gives an empty database the schema that an earlier version had: all migrations up to this one. */
export async function migrateUpTo(url: string, last: string): Promise<void> {
  const orm = openOrm(url);
  try {
    const names = migrations.map(({ name }) => name).filter((name) => name <= last);
    await inLock(orm, (em) => migrateWithin(orm, em, names));
  } finally {
    await orm.close();
  }
}
