import { formatHost } from '../connection/client-config.ts';
import { RowSecurityError } from '../errors.ts';
import { compareMigrations, type MigrationsStatus } from '../schema/migrate.ts';
import { openOrm } from '../schema/orm.ts';
import { assertRowSecurity } from '../schema/row-level-security.ts';
import { findUnsupported } from '../schema/supported-database.ts';
import { type InvalidIndex, readInvalidIndexes } from './invalid-indexes.ts';
import { isUnavailable, readSection, statementLimitMs, type Unavailable } from './read-section.ts';

/** The health of a database, without user content and without credentials. */
export interface Status {
  /** Everything that needs a person, one sentence each. Empty if the database is healthy. */
  problems: string[];
  server: { product: string; host: string };
  /** `bytes` is the size on disk. */
  database: { name: string; user: string; bytes: number } | Unavailable;
  migrations: MigrationsStatus | Unavailable;
  /** The missing parts of row-level security, each with its fix. */
  isolation: { missing: readonly string[] } | Unavailable;
  indexes: { invalid: InvalidIndex[] } | Unavailable;
}

/**
 * Reads the status of a database and changes nothing. The user needs only the right to connect; a section that this user
 * cannot read is `unavailable`.
 *
 * @throws DatabaseUnavailableError if the database cannot be reached.
 */
export async function readStatus(url: string): Promise<Status> {
  const orm = openOrm(url, { statementLimitMs });
  try {
    const server = await readSection(orm, async (em) => {
      const [row] = await em.execute<[{ version: string }]>(`select current_setting('server_version') as version`);
      return row;
    });
    const unsupported = await readSection(orm, (em) => findUnsupported((sql) => em.execute(sql)));
    const { settings, foreign } = isUnavailable(unsupported) ? { settings: [], foreign: [] } : unsupported;
    const status = {
      server: {
        product: isUnavailable(server) ? 'PostgreSQL' : `PostgreSQL ${server.version}`,
        host: formatHost(url),
      },
      database: await readSection(orm, async (em) => {
        const [row] = await em.execute<[{ name: string; user: string; bytes: number }]>(`
select current_database() as name, current_user as user, pg_database_size(current_database())::float8 as bytes`);
        return row;
      }),
      migrations: await readSection(orm, (em) => compareMigrations((sql) => em.execute(sql))),
      isolation: await readSection(orm, (em) =>
        (foreign.length > 0 ? Promise.resolve() : assertRowSecurity(em)).then(
          () => ({ missing: [] }),
          (error: unknown) => {
            if (error instanceof RowSecurityError) return { missing: error.problems };
            throw error;
          },
        ),
      ),
      indexes: await readSection(orm, async (em) => ({ invalid: await readInvalidIndexes(em) })),
    };
    // Advice about migrations or row-level security would concern the tables of the other application.
    return { problems: [...foreign, ...settings, ...(foreign.length > 0 ? [] : findProblems(status))], ...status };
  } finally {
    await orm.close();
  }
}

function findProblems({ migrations, isolation, indexes }: Omit<Status, 'problems'>): string[] {
  const problems: string[] = [];
  if (isUnavailable(migrations)) problems.push(`The migrations cannot be read: ${migrations.unavailable}.`);
  else if (migrations.pending.length > 0) {
    problems.push(`Migrations are missing (${migrations.pending.join(', ')}). Run pnpm db migrate.`);
  }
  if (isUnavailable(isolation)) problems.push(`Row-level security cannot be checked: ${isolation.unavailable}.`);
  else if (isolation.missing.length > 0) {
    problems.push('Row-level security is incomplete. Fix each item under "isolation".');
  }
  if (isUnavailable(indexes)) problems.push(`The indexes cannot be read: ${indexes.unavailable}.`);
  else {
    problems.push(
      ...indexes.invalid.map(({ name, fix }) => `Index ${name} is invalid and serves no query. Run: ${fix}`),
    );
  }
  return problems;
}
