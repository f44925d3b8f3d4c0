import { fileURLToPath } from 'node:url';
import { Migrator } from '@mikro-orm/migrations';
import { createPostgreSqlTypeParsers, type EntityManager, IsolationLevel, MikroORM } from '@mikro-orm/postgresql';
import { PostgresDialect } from 'kysely';
import { TypeOverrides } from 'pg';
import Cursor from 'pg-cursor';
import { normaliseUrl } from '../connection/client-config.ts';
import { transactionSettings } from '../connection/fixed-settings.ts';
import { openPool, type InstrumentedPool } from '../connection/pool.ts';
import { entities } from './entities/index.ts';
import { migrations } from './migrations/index.ts';

interface OrmOptions {
  /** Maximum number of connections. Default 1. */
  poolMax?: number;
  /** Time limit of a statement in milliseconds. Its connection counts as lost 2 seconds later. Default no limit. */
  statementLimitMs?: number;
}

/** Opens MikroORM with a separate pool, for work on the schema. It connects on first use. `orm.close()` closes the pool. */
export function openOrm(url: string, { poolMax = 1, statementLimitMs }: OrmOptions = {}): MikroORM {
  return createOrm(openPool(url, { max: poolMax, statementLimitMs, types: ormTypes }), url);
}

/** Creates MikroORM on a pool. `orm.close()` closes the pool. */
export function createOrm(pool: InstrumentedPool, url: string): MikroORM {
  return new MikroORM({
    entities: [...entities],
    clientUrl: normaliseUrl(url),
    driverOptions: new PostgresDialect({ pool, cursor: Cursor }),
    // Log messages of MikroORM contain SQL with values.
    logger: () => {},
    extensions: [Migrator],
    schemaGenerator: {
      ignoreSchema: ['auth'],
      skipTables: [migrationsTable, 'unlogged_changes'],
      // Of the extension Citus.
      skipViews: [/^citus_/],
      // The migrations alone define these, since their functions are in the schema auth.
      ignoreTriggers: true,
      ignoreRoutines: true,
    },
    migrations: {
      tableName: migrationsTable,
      migrationsList: migrations,
      disableForeignKeys: false,
      snapshot: true,
      snapshotName,
      snapshotOnMigrate: false,
      path: migrationsFolder,
      pathTs: migrationsFolder,
    },
  });
}

/** MikroORM's parsers. They return times as PostgreSQL's text, which MikroORM converts as the entities declare. */
export const ormTypes = createOrmTypes();

function createOrmTypes(): TypeOverrides {
  const overrides = new TypeOverrides();
  const textArray = 1009;
  const parseTexts = overrides.getTypeParser(textArray) as unknown as (text: string) => string[];
  const parsers = createPostgreSqlTypeParsers(parseTexts);
  for (const [oid, parse] of Object.entries(parsers)) overrides.setTypeParser(Number(oid), parse);
  return overrides;
}

const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));

/** The file that contains the schema after all migrations, for readers and for the drift check. */
export const snapshotName = 'snapshot';

/** The table that lists the applied migrations. */
export const migrationsTable = 'holdfast_migrations';

/** Options of a transaction that does not depend on the defaults of the server, the database and the role. */
export const transactionOptions = { isolationLevel: IsolationLevel.READ_COMMITTED } as const;

/** An entity manager whose transactions start with the fixed settings. */
export function forkWithSettings(orm: MikroORM): EntityManager {
  return orm.em.fork({ session: { variables: transactionSettings } });
}
