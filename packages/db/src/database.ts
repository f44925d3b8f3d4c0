import { randomBytes } from 'node:crypto';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { toNamedError } from './connection/driver-error.ts';
import type { DatabaseObserver } from './connection/observer.ts';
import { type InstrumentedPool, openPool, type PoolState } from './connection/pool.ts';
import { pendingMigrations } from './schema/migrate.ts';
import { createOrm, ormTypes } from './schema/orm.ts';
import { assertRowSecurity } from './schema/row-level-security.ts';
import { workAcrossAllUsers } from './scope/all-users.ts';
import { createPipelineRunner } from './scope/pipeline.ts';
import { createRetries } from './scope/retry.ts';
import { toTransactionVariables } from './scope/session-settings.ts';
import type { Connections } from './scope/transaction.ts';
import { createUserScope, type Profile, type UserScope } from './scope/user-scope.ts';

export interface DatabaseOptions {
  /** `postgresql://user:password@host/database`, pooled or direct. */
  url: string;
  /** A server that follows the first, for reads that may be a little behind. Default none. */
  replicaUrl?: string | undefined;
  /**
   * Secret that seals the cursors of lists. Processes that share it accept each other's cursors; without it they last as
   * long as this handle.
   */
  cursorKey?: string;
  /** Connections to each server at the most. Default 10. */
  poolMax?: number;
  /** Milliseconds to wait for a connection while all are at work, or while the server refuses them. Default 5,000. */
  poolWaitMs?: number;
  /** Milliseconds to wait for the server to take a connection. Default 15,000. */
  connectTimeoutMs?: number;
  /** Milliseconds after which a statement is ended. Default 5,000. */
  statementTimeoutMs?: number;
  /** Told of every statement, every retry, and all work across users. */
  observer?: DatabaseObserver;
}

export interface UserOptions {
  /** What the user's token says of them, kept when the user's row is made. */
  profile?: Profile;
  /** Lets reads that are asked for together, as the calls of one batch are, share one round trip. Default false. */
  joinReads?: boolean;
  /** Lets reads be answered by the replica, where there is one, as of a moment ago. Default false. */
  mayLag?: boolean;
}

export interface ToolsOptions {
  /** Whether the work may write. Default false. */
  write?: boolean;
  /** Lets work that only reads be done on the replica, where there is one, as of a moment ago. Default false. */
  mayLag?: boolean;
}

/** An open database: a pool of connections and the ways to work on it. */
export interface Database {
  /**
   * Everything that may be done for one user. Cheap; makes no connection by itself.
   *
   * @param userId A UUID in lower case.
   * @throws InvalidValueError for an id that is none.
   */
  asUser(userId: string, options?: UserOptions): UserScope;
  /**
   * For internal tools: a transaction that sees the rows of all users, as the role `holdfast_tools`. It can only read
   * unless `write` is set, has no time limits, and is never run again by itself. It is written down in PostgreSQL's log
   * under the name of the operation that is under way.
   */
  acrossAllUsers<Result>(work: (em: EntityManager) => Promise<Result>, options?: ToolsOptions): Promise<Result>;
  /**
   * The names of the migrations that this version has and the database has not.
   *
   * @throws DatabaseUnavailableError when the database cannot be asked.
   */
  pendingMigrations(): Promise<string[]>;
  /** How the connections are engaged, those to the replica included. */
  poolState(): PoolState;
  /** Ends the pool once running work is done. */
  close(): Promise<void>;
}

/**
 * Opens a pool and makes sure that the walls between users stand.
 *
 * @throws InvalidDatabaseUrlError for a URL that cannot be used.
 * @throws RowSecurityError when the database is not migrated or would let users see each other's rows.
 * @throws DatabaseUnavailableError when it cannot be reached.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { cursorKey = randomBytes(32).toString('hex'), statementTimeoutMs = 5_000, observer = {} } = options;
  const primary = await openServer(options.url, options, true);
  let replica: Server | undefined;
  try {
    replica = options.replicaUrl === undefined ? undefined : await openServer(options.replicaUrl, options, false);
  } catch (error) {
    await primary.close();
    throw error;
  }
  const servers = [primary, ...(replica ? [replica] : [])];
  return {
    asUser: (userId, { profile = { email: null, name: null }, joinReads = false, mayLag = false } = {}) =>
      createUserScope(
        primary.connections,
        { userId, profile, joinReads, cursorKey, statementTimeoutMs },
        mayLag ? replica?.connections : undefined,
      ),
    acrossAllUsers: (work, { write = false, mayLag = false } = {}) => {
      const { connections } = mayLag && !write && replica ? replica : primary;
      return workAcrossAllUsers(connections, work, { write, observer });
    },
    pendingMigrations: () => pendingMigrations((sql) => primary.pool.queryOnce(sql)),
    poolState: () => servers.map(({ pool }) => pool.state).reduce(addStates),
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

function addStates(one: PoolState, other: PoolState): PoolState {
  return {
    max: one.max + other.max,
    total: one.total + other.total,
    idle: one.idle + other.idle,
    waiting: one.waiting + other.waiting,
  };
}

interface Server {
  readonly pool: InstrumentedPool;
  readonly connections: Connections;
  close(): Promise<void>;
}

async function openServer(url: string, options: DatabaseOptions, isPatient: boolean): Promise<Server> {
  const { poolMax = 10, poolWaitMs, connectTimeoutMs, statementTimeoutMs = 5_000, observer = {} } = options;
  const pool = openPool(url, {
    max: poolMax,
    waitMs: poolWaitMs,
    connectTimeoutMs,
    statementLimitMs: statementTimeoutMs,
    retryConnect: isPatient,
    observer,
    types: ormTypes,
  });
  const orm = createOrm(pool, url);
  try {
    const version = await findVersion(orm);
    await assertRowSecurity(orm.em.fork());
    return {
      pool,
      connections: {
        runPipeline: createPipelineRunner(pool),
        fork: (opening) => orm.em.fork({ session: { variables: toTransactionVariables(opening, version) } }),
        retries: createRetries(observer),
      },
      close: () => orm.close(),
    };
  } catch (error) {
    await orm.close();
    throw toNamedError(error);
  }
}

async function findVersion(orm: MikroORM): Promise<number> {
  const [row] = await orm.em
    .fork()
    .execute<[{ version: number }]>(`select current_setting('server_version_num')::int as version`);
  return row.version;
}
