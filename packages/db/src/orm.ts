import { fileURLToPath } from 'node:url';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import type { PoolConfig } from 'pg';
import { toClientConfig } from './connection.ts';
import { entities } from './entities/index.ts';
import { migrations } from './migrations/index.ts';

export interface ConnectionLimits {
  /** Connections at the most. Default 10. */
  poolMax?: number;
  /** Milliseconds to wait for a connection, from the pool and to the server. Default 15,000. */
  connectTimeoutMs?: number;
}

export interface OrmLimits extends ConnectionLimits {
  /** Milliseconds after which a statement without an answer counts as lost. Default: never. */
  answerTimeoutMs?: number;
}

/** The object-relational mapper over a pool of its own. Connects at first use; `orm.close()` ends the pool. */
export function openOrm(url: string, limits: OrmLimits = {}): MikroORM {
  const pool: PoolConfig = {
    ...toClientConfig(url),
    connectionTimeoutMillis: limits.connectTimeoutMs ?? 15_000,
    keepAlive: true,
    ...(limits.answerTimeoutMs === undefined ? {} : { query_timeout: limits.answerTimeoutMs }),
  };
  return new MikroORM({
    entities: [...entities],
    clientUrl: url,
    driverOptions: pool,
    pool: { min: 0, max: limits.poolMax ?? 10, idleTimeoutMillis: 60_000 },
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

const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));

/** The schema as the migrations leave it, for people and for the drift check. */
export const snapshotName = 'snapshot';

/** Where the applied migrations are written down. */
export const migrationsTable = 'holdfast_migrations';
