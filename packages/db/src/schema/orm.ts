import { fileURLToPath } from 'node:url';
import { Migrator } from '@mikro-orm/migrations';
import { createPostgreSqlTypeParsers, MikroORM } from '@mikro-orm/postgresql';
import { PostgresDialect } from 'kysely';
import { TypeOverrides } from 'pg';
import Cursor from 'pg-cursor';
import { openPool, type InstrumentedPool } from '../connection/pool.ts';
import { entities } from './entities/index.ts';
import { migrations } from './migrations/index.ts';

interface OrmOptions {
  /** Connections at the most. Default 1. */
  poolMax?: number;
  /** Milliseconds after which a statement that is not answered counts as lost, with some grace. Default never. */
  statementLimitMs?: number;
}

/** The object-relational mapper over a pool of its own, for work on the schema. Connects at first use; `orm.close()` ends the pool. */
export function openOrm(url: string, { poolMax = 1, statementLimitMs }: OrmOptions = {}): MikroORM {
  return createOrm(openPool(url, { max: poolMax, statementLimitMs, types: ormTypes }), url);
}

/** The object-relational mapper over a pool; `orm.close()` ends the pool. */
export function createOrm(pool: InstrumentedPool, url: string): MikroORM {
  return new MikroORM({
    entities: [...entities],
    clientUrl: url,
    driverOptions: new PostgresDialect({ pool, cursor: Cursor }),
    // The mapper's own messages hold SQL with values in it.
    logger: () => {},
    extensions: [Migrator],
    schemaGenerator: { ignoreSchema: ['auth'], skipTables: [migrationsTable] },
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

/** Times as PostgreSQL writes them: the mapper makes of them what its entities say. */
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

/** The schema as the migrations leave it, for people and for the drift check. */
export const snapshotName = 'snapshot';

/** Where the applied migrations are written down. */
export const migrationsTable = 'holdfast_migrations';
