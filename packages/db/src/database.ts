import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { toNamedError } from './connection/driver-error.ts';
import type { DatabaseObserver } from './connection/observer.ts';
import { type InstrumentedPool, openPool, type PoolState } from './connection/pool.ts';
import { type ReplicaLag, watchReplicaLag } from './connection/replica-lag.ts';
import { DatabaseUnavailableError } from './errors.ts';
import { findServer } from './schema/find-server.ts';
import { pendingMigrations } from './schema/migrate.ts';
import { createOrm, forkWithSettings, ormTypes } from './schema/orm.ts';
import { assertRowSecurity } from './schema/row-level-security.ts';
import { assertSupported } from './schema/supported-database.ts';
import { workAcrossAllUsers } from './scope/all-users.ts';
import { type ChangedUser, findChangedUsers, type KnownRevision } from './scope/changed-users.ts';
import { createPipelineRunner } from './scope/pipeline-runner.ts';
import type { LagLimits, ReplicaReads } from './scope/replica-reads.ts';
import { createRetryBudget } from './scope/retry.ts';
import { toTransactionVariables } from './scope/session-settings.ts';
import type { TransactionRunner } from './scope/transaction.ts';
import { createUserScope, type Profile, type UserScope } from './scope/user-scope.ts';

export interface DatabaseOptions {
  /** `postgresql://user:password@host/database`, pooled or direct. */
  url: string;
  /** URL of a read replica for reads that tolerate replication lag. Default: no replica. */
  replicaUrl?: string | undefined;
  /** Milliseconds by which the replica may lag behind. While it lags more, the primary serves its reads. Default 30,000. */
  replicaMaxLagMs?: number;
  /**
   * Secret that signs the cursors of lists. Processes with the same key accept each other's cursors. Default: a random key,
   * so that cursors end with this handle.
   */
  cursorKey?: string;
  /** Maximum number of connections per server. Default 10. */
  poolMax?: number;
  /** Milliseconds to wait for a free connection, and to retry while the server refuses connections. Default 5,000. */
  poolWaitMs?: number;
  /** Milliseconds to wait until the server accepts a connection. Default 15,000. */
  connectTimeoutMs?: number;
  /** Milliseconds after which a statement is cancelled. Default 5,000. */
  statementTimeoutMs?: number;
  /** Receives each statement, each retry, and all work across users. */
  observer?: DatabaseObserver;
}

export interface UserOptions {
  /** Claims of the user's token, stored when the user's row is created. */
  profile?: Profile;
  /** Sends reads of one turn of the event loop, such as the calls of one batch, in one round trip. Default false. */
  batchReads?: boolean;
  /**
   * Sends the writes of operations that have called `joinBatch` in one round trip, in the order in which they have joined. Each
   * write has a separate transaction. Default false.
   */
  batchWrites?: boolean;
  /** Runs reads on the replica, if there is one and it is new enough. Default false. */
  mayLag?: boolean | LagLimits;
  /** Runs after each write with the revision that it has taken. Such a revision is a `minRevision` of later reads. */
  onWrite?: ((revision: number) => void) | undefined;
  /** PostgreSQL refuses all writes of the scope. Default false. */
  readOnly?: boolean;
}

export interface ToolsOptions {
  /** Whether the work may write. Default false. */
  write?: boolean;
  /** Runs read-only work on the replica, if there is one and it is new enough. Default false. */
  mayLag?: boolean;
}

/** An open database with its connection pool. */
export interface Database {
  readonly hasReplica: boolean;
  /**
   * Returns access to the rows of one user. Opens no connection.
   *
   * @param userId A UUID in lower case.
   * @throws InvalidValueError if `userId` is not a UUID in lower case.
   */
  asUser(userId: string, options?: UserOptions): UserScope;
  /**
   * For internal tools: runs a transaction that sees the rows of all users, as the role `holdfast_tools`. It is read-only
   * unless `write` is true, has no time limits, and is not retried. PostgreSQL's log records it with the name of the
   * current operation.
   */
  acrossAllUsers<Result>(work: (em: EntityManager) => Promise<Result>, options?: ToolsOptions): Promise<Result>;
  /**
   * Returns the users of these whose revision differs from the given one, in one statement as the role `holdfast_tools`. It runs
   * every second, so PostgreSQL's log does not record it, unlike `acrossAllUsers`.
   */
  findChangedUsers(known: readonly KnownRevision[]): Promise<ChangedUser[]>;
  /**
   * Returns the names of the migrations of this version that are not applied.
   *
   * @throws DatabaseUnavailableError if the database cannot be reached, or could not read or write its files in the last 30
   * seconds.
   */
  pendingMigrations(): Promise<string[]>;
  /** The state of the pools of the primary and the replica, added up. */
  poolState(): PoolState;
  /**
   * Milliseconds by which the replica lagged behind at most when both servers were last compared. Infinity if it lagged behind
   * since before the first comparison. Null without a comparison, which only reads with `mayLag` cause.
   */
  replicaLagMs(): number | null;
  /** Closes all connections after running work has ended. */
  close(): Promise<void>;
}

/**
 * Opens a connection pool and checks that row-level security isolates users.
 *
 * @throws InvalidDatabaseUrlError for an invalid URL.
 * @throws UnsupportedDatabaseError if the encoding, a setting or the tables of another application prevent the use.
 * @throws RowSecurityError if the database is not migrated, or if row-level security does not isolate users.
 * @throws DatabaseUnavailableError if the database cannot be reached.
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
  const reader = replica && createReader(replica, watchReplicaLag(primary.pool, replica.pool), options);
  return {
    hasReplica: replica !== undefined,
    asUser: (
      userId,
      { profile = noProfile, batchReads = false, batchWrites = false, mayLag = false, readOnly = false, onWrite } = {},
    ) =>
      createUserScope(
        primary.runner,
        {
          userId,
          profile,
          batchReads,
          batchWrites,
          readOnly,
          cursorKey,
          statementTimeoutMs,
          onWrite: onWrite ? withRevision(observer.onUserWrite, onWrite) : observer.onUserWrite,
        },
        mayLag === false ? undefined : reader?.read(mayLag === true ? {} : mayLag),
      ),
    acrossAllUsers: (work, { write = false, mayLag = false } = {}) => {
      const fresh = mayLag && !write && reader?.read({}).isFresh();
      return workAcrossAllUsers(fresh ? replica!.runner : primary.runner, work, { write, observer });
    },
    findChangedUsers: (known) => findChangedUsers(primary.runner, known, statementTimeoutMs),
    pendingMigrations: async () => {
      if (performance.now() - primary.pool.monitor.storageFaultAt < storageFaultMs) {
        throw new DatabaseUnavailableError({ message: 'The database server cannot read or write its files.' });
      }
      return pendingMigrations((sql) => primary.pool.queryOnce(sql));
    },
    poolState: () => servers.map(({ pool }) => pool.state).reduce(addStates),
    replicaLagMs: () => reader?.lag.lastMs ?? null,
    close: async () => {
      reader?.lag.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

function createReader({ runner }: Server, lag: ReplicaLag, { replicaMaxLagMs = 30_000 }: DatabaseOptions) {
  return {
    lag,
    read({ maxLagMs = replicaMaxLagMs, minRevision }: LagLimits): ReplicaReads {
      const limitMs = Math.min(maxLagMs, replicaMaxLagMs);
      return { runner, minRevision, isFresh: () => lag.readMs() <= limitMs };
    },
  };
}

function withRevision(
  report: DatabaseObserver['onUserWrite'],
  onWrite: (revision: number) => void,
): (userId: string, revision: number | undefined) => void {
  return (userId, revision) => {
    report?.(userId);
    if (revision !== undefined) onWrite(revision);
  };
}

const noProfile: Profile = { email: null, name: null };

/** How long a failure to read or write files counts. Other statements may succeed meanwhile, because they need other files. */
const storageFaultMs = 30_000;

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
  readonly runner: TransactionRunner;
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
    const { version, sendsStatements } = await findServer(orm);
    const settingsForm = sendsStatements ? 'statements' : 'function';
    await assertSupported((sql) => orm.em.fork().execute(sql));
    await assertRowSecurity(forkWithSettings(orm));
    return {
      pool,
      runner: {
        pipelines: createPipelineRunner(pool, settingsForm),
        connectionsMax: poolMax,
        fork: (settings) => orm.em.fork({ session: { variables: toTransactionVariables(settings, version) } }),
        settingsForm,
        retries: createRetryBudget(observer),
      },
      close: () => orm.close(),
    };
  } catch (error) {
    await orm.close();
    throw toNamedError(error);
  }
}
