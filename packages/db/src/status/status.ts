import { BackupError } from '../backup/error.ts';
import { readBackupSource } from '../backup/source.ts';
import { formatHost } from '../connection/client-config.ts';
import { RowSecurityError } from '../errors.ts';
import { dbCommand } from '../installed.ts';
import { isDistributed } from '../schema/cluster.ts';
import { compareSchema, describeDifference } from '../schema/definitions.ts';
import { findIncompleteDistribution } from '../schema/distribution.ts';
import { toQuery } from '../schema/drift.ts';
import { compareMigrations, type MigrationsStatus } from '../schema/migrate.ts';
import { migrations as ownMigrations } from '../schema/migrations/index.ts';
import { openOrm } from '../schema/orm.ts';
import type { Query, QueryWithValues } from '../schema/query.ts';
import { assertRowSecurity } from '../schema/row-level-security.ts';
import { findUnsupported } from '../schema/supported-database.ts';
import { type InvalidIndex, readInvalidIndexes } from './invalid-indexes.ts';
import { isUnavailable, readSection, statementLimitMs, type Unavailable } from './read-section.ts';
import { readServerLogins, type ServerLogin, type ServerLoginOptions } from './server-login.ts';

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
  /** Objects of the migrations that are missing or changed, each with its fix, and objects made by hand. */
  schema: { differences: readonly string[]; additional: readonly string[] } | Unavailable;
  /** Why a backup would be refused, or null. `isDistributed` if only the nodes of the Citus cluster can be backed up. */
  backup: { refusal: string | null; isDistributed: boolean } | Unavailable;
  /** The logins that servers may use. */
  logins: { checked: readonly ServerLogin[] } | Unavailable;
}

/**
 * Reads the status of a database and changes nothing. The user needs only the right to connect; a section that this user
 * cannot read is `unavailable`.
 *
 * @throws DatabaseUnavailableError if the database cannot be reached.
 */
export async function readStatus(url: string, login: ServerLoginOptions = {}): Promise<Status> {
  const orm = openOrm(url, { statementLimitMs });
  try {
    const server = await readSection(orm, async (em) => {
      const [row] = await em.execute<[{ version: string }]>(`select current_setting('server_version') as version`);
      return row;
    });
    const unsupported = await readSection(orm, (em) => findUnsupported((sql) => em.execute(sql)));
    const distribution = await readSection(orm, async (em) => {
      const query: Query = (sql) => em.execute(sql);
      return { problem: (await isDistributed(query)) ? await findIncompleteDistribution(query) : undefined };
    });
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
      schema: await readSection(orm, (em) => readSchema(toQuery(em))),
      backup: await readSection(orm, (em) => readBackup(toQuery(em))),
      logins: await readSection(orm, async (em) => ({ checked: await readServerLogins(toQuery(em), login) })),
    };
    // Advice about migrations or row-level security would concern the tables of the other application.
    const incomplete = isUnavailable(distribution) ? undefined : distribution.problem;
    const own =
      foreign.length > 0 ? [] : [...(incomplete === undefined ? [] : [`${incomplete}.`]), ...findProblems(status)];
    return { problems: [...foreign, ...settings, ...own], ...status };
  } finally {
    await orm.close();
  }
}

async function readSchema(query: QueryWithValues): Promise<{ differences: string[]; additional: string[] }> {
  const { pending, unknown } = await compareMigrations(query);
  // The definitions of a newer version are unknown, and an empty database has none.
  if (unknown.length > 0 || pending.length === ownMigrations.length) return { differences: [], additional: [] };
  const applied = ownMigrations.map(({ name }) => name).filter((name) => !pending.includes(name));
  const { differences, additional } = await compareSchema(query, applied);
  return { differences: differences.map(describeDifference), additional };
}

async function readBackup(query: QueryWithValues): Promise<{ refusal: string | null; isDistributed: boolean }> {
  const { pending } = await compareMigrations(query);
  if (pending.length === ownMigrations.length) return { refusal: null, isDistributed: false };
  try {
    await readBackupSource(query);
    return { refusal: null, isDistributed: false };
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    const isDistributed = error.code === 'TABLES_DISTRIBUTED';
    return { refusal: isDistributed ? null : error.message, isDistributed };
  }
}

function findProblems(status: Omit<Status, 'problems'>): string[] {
  return [
    ...problemsOf(status.migrations, 'The migrations cannot be read', ({ pending }) =>
      pending.length > 0 ? [`Migrations are missing (${pending.join(', ')}). Run ${dbCommand} migrate.`] : [],
    ),
    ...problemsOf(status.isolation, 'Row-level security cannot be checked', ({ missing }) =>
      missing.length > 0 ? ['Row-level security is incomplete. Fix each item under "isolation".'] : [],
    ),
    ...problemsOf(status.indexes, 'The indexes cannot be read', ({ invalid }) =>
      invalid.map(({ name, fix }) => `Index ${name} is invalid and serves no query. Run: ${fix}`),
    ),
    ...(isUnavailable(status.migrations) ? [] : findSchemaProblems(status)),
    ...problemsOf(status.logins, 'The rights of logins cannot be read', ({ checked }) => findLoginProblems(checked)),
  ];
}

/** Both need the migrations. */
function findSchemaProblems(status: Pick<Status, 'schema' | 'backup'>): string[] {
  return [
    ...problemsOf(status.schema, 'The schema cannot be read', ({ differences }) => differences),
    ...problemsOf(status.backup, 'It is unknown whether a backup is possible', ({ refusal }) =>
      refusal === null ? [] : [`A backup is not possible. ${refusal}`],
    ),
  ];
}

function problemsOf<Section extends object>(
  section: Section | Unavailable,
  label: string,
  find: (section: Section) => readonly string[],
): readonly string[] {
  return isUnavailable(section) ? [`${label}: ${section.unavailable}.`] : find(section);
}

/** Of several logins that may be the servers', one that has all rights is enough: the others may belong to another database. */
function findLoginProblems(checked: readonly ServerLogin[]): string[] {
  if (checked.some(({ missing }) => missing.length === 0)) return [];
  const hint = checked.length > 1 ? ' If servers use another login, name it with --as.' : '';
  return checked.map(
    ({ name, missing }) => `The login ${name} lacks rights of a server.${hint} Run: ${missing.join('; ')};`,
  );
}
