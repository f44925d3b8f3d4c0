import { formatHost } from '../connection/client-config.ts';
import { RowSecurityError } from '../errors.ts';
import { compareMigrations, type MigrationsStatus } from '../schema/migrate.ts';
import { openOrm } from '../schema/orm.ts';
import { assertRowSecurity } from '../schema/row-level-security.ts';
import { type ConnectionsStatus, readConnections, readTransactions, type TransactionsStatus } from './activity.ts';
import { glance, isUnread, statementLimitMs, type Unread } from './read-section.ts';
import { readStatements, statementsReasons, type StatementStatus } from './statements.ts';
import { type IndexesStatus, readIndexes, readTables, type TableStatus } from './storage.ts';

/** What an operator wants to know of a database. Holds no user's texts and no credentials. */
export interface Status {
  /** What needs a person, each a sentence; empty when the database is healthy. */
  problems: string[];
  server: { product: string; host: string };
  database: { name: string; user: string; bytes: number } | Unread;
  migrations: MigrationsStatus | Unread;
  walls: { missing: readonly string[] } | Unread;
  connections: ConnectionsStatus | Unread;
  transactions: TransactionsStatus | Unread;
  tables: TableStatus[] | Unread;
  indexes: IndexesStatus | Unread;
  statements: StatementStatus[] | Unread;
}

/**
 * Looks at a database without changing it. Needs no more than a user that may connect; what that user may not see is
 * `unread`, with the reason.
 *
 * @throws DatabaseUnavailableError when it cannot be reached.
 */
export async function readStatus(url: string): Promise<Status> {
  const orm = openOrm(url, { statementLimitMs });
  try {
    const server = await glance(orm, async (em) => {
      const [row] = await em.execute<[{ version: string }]>(`select current_setting('server_version') as version`);
      return row;
    });
    const status = {
      server: { product: isUnread(server) ? 'PostgreSQL' : `PostgreSQL ${server.version}`, host: formatHost(url) },
      database: await glance(orm, async (em) => {
        const [row] = await em.execute<[{ name: string; user: string; bytes: number }]>(`
select current_database() as name, current_user as user, pg_database_size(current_database())::float8 as bytes`);
        return row;
      }),
      migrations: await glance(orm, (em) => compareMigrations((sql) => em.execute(sql))),
      walls: await glance(orm, (em) =>
        assertRowSecurity(em).then(
          () => ({ missing: [] }),
          (error: unknown) => {
            if (error instanceof RowSecurityError) return { missing: error.problems };
            throw error;
          },
        ),
      ),
      connections: await glance(orm, readConnections),
      transactions: await glance(orm, readTransactions),
      tables: await glance(orm, readTables),
      indexes: await glance(orm, readIndexes),
      statements: await glance(orm, readStatements, statementsReasons),
    };
    return { problems: findProblems(status), ...status };
  } finally {
    await orm.close();
  }
}

function findProblems({ migrations, walls, indexes }: Omit<Status, 'problems'>): string[] {
  const problems: string[] = [];
  if (isUnread(migrations)) problems.push(`The migrations cannot be read: ${migrations.unread}.`);
  else if (migrations.pending.length > 0) {
    problems.push(`Migrations are missing (${migrations.pending.join(', ')}): run pnpm db migrate.`);
  }
  if (isUnread(walls)) problems.push(`The walls between users cannot be checked: ${walls.unread}.`);
  else if (walls.missing.length > 0) problems.push('The walls between users are not complete.');
  if (isUnread(indexes)) problems.push(`The indexes cannot be read: ${indexes.unread}.`);
  else
    for (const { name, mend } of indexes.invalid)
      problems.push(`Index ${name} is invalid, so it serves no query: ${mend}`);
  return problems;
}
