import { toNamedError } from './driver-error.ts';
import { pendingMigrations } from './migrate.ts';
import { openOrm } from './orm.ts';

/** What an operator wants to know of a database at a glance. */
export async function readStatus(url: string): Promise<Record<'server' | 'database' | 'size' | 'migrations', string>> {
  const orm = openOrm(url, { poolMax: 1 });
  try {
    const em = orm.em.fork();
    const [row] = await em.execute<[{ version: string; name: string; size: string }]>(
      `select current_setting('server_version') as version, current_database() as name,
        pg_size_pretty(pg_database_size(current_database())) as size`,
    );
    const pending = await pendingMigrations((sql) => em.execute(sql));
    return {
      server: `PostgreSQL ${row.version}`,
      database: row.name,
      size: row.size,
      migrations: pending.length > 0 ? `pending: ${pending.join(', ')} (run pnpm db migrate)` : 'at head',
    };
  } catch (error) {
    throw toNamedError(error);
  } finally {
    await orm.close();
  }
}
