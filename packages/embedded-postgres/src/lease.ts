import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Connection, DatabaseError } from 'pg';
import type { Cluster } from './cluster.ts';
import { EmbeddedPostgresError } from './error.ts';
import {
  choosePort,
  choosePortAtRandom,
  findServer,
  launchServer,
  shutDown,
  type Launch,
  type RunningServer,
  type ServerSettings,
} from './postmaster.ts';

/** The share of one process in a running server: a session with a shared advisory lock. It ends with the process, even after a crash. */
export interface Lease {
  readonly client: Client;
  readonly server: RunningServer;
  /** Resolves when the session ends, for example because the server ended. */
  readonly lost: Promise<void>;
}

/**
 * Authenticates with SCRAM only. After a crash of the server, another program could listen on its port and request the
 * password in clear text.
 */
class LeaseClient extends Client {
  _handleAuthCleartextPassword(): void {
    this.#refuse();
  }

  _handleAuthMD5Password(): void {
    this.#refuse();
  }

  #refuse(): void {
    const { stream }: Connection = this.connection;
    stream.destroy(new Error('Another program may listen on the port: it requests a password without SCRAM.'));
  }
}

/** Port and settings for a new server. */
export interface LaunchOptions {
  /** The only port that is acceptable. Default: any port. */
  readonly port?: number | undefined;
  readonly settings: ServerSettings;
}

const lockKey = 4_651_293_718;
const retryMs = 15;
/** How long the remains of an earlier server, or the start by another process, may block a new server. */
const busyTimeoutMs = 15_000;
/** A server accepts no connections while it recovers from a crash. */
const recoveryTimeoutMs = 120_000;

/**
 * Takes a lease on the server of the cluster. Launches a server if necessary.
 *
 * @throws {EmbeddedPostgresError} `PORT_TAKEN` or `START_FAILED`.
 */
export async function openLease(cluster: Cluster, options: LaunchOptions): Promise<Lease> {
  const startedAt = Date.now();
  let port = options.port ?? (await choosePort(cluster));
  let launch: Launch | undefined;
  while (Date.now() - startedAt < recoveryTimeoutMs) {
    const server = await findServer(cluster);
    const lease = server === undefined ? undefined : await tryLease(cluster, server);
    if (lease !== undefined) return lease;
    if (server === undefined && launch?.hasEnded() !== false) {
      if (launch !== undefined)
        port = await choosePortAfter(cluster, launch, { ...options, mayRetry: Date.now() - startedAt < busyTimeoutMs });
      launch = await launchServer(cluster, port, options.settings);
    }
    await sleep(retryMs);
  }
  throw toStartError(cluster, `it accepted no connection for ${recoveryTimeoutMs / 1000} s`);
}

/** Takes a lease on a running server. Returns `undefined` if it is starting, stopping or gone, so that the caller can try again. */
export async function tryLease(cluster: Cluster, server: RunningServer): Promise<Lease | undefined> {
  if (!server.isReady) return undefined;
  const client = new LeaseClient({
    host: '127.0.0.1',
    port: server.port,
    user: 'postgres',
    password: cluster.passwords.postgres,
    database: 'postgres',
    ssl: false,
    application_name: 'holdfast embedded',
    // An operator may have changed these defaults. The session must stay, and its statements must not be cancelled.
    options: '-c idle_session_timeout=0 -c statement_timeout=0 -c idle_in_transaction_session_timeout=0',
    connectionTimeoutMillis: 5000,
  });
  const lost = new Promise<void>((resolve) => client.once('end', resolve));
  // 'end' follows each 'error', and an 'error' without a listener would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    // Not granted while the last process with a lease shuts the server down.
    if (await isGranted(client, 'pg_try_advisory_lock_shared')) return { client, server, lost };
  } catch (error) {
    if (!isTemporary(error))
      throw toStartError(
        cluster,
        `the server on port ${server.port} refused the login: ${(error as Error).message}`,
        error,
      );
  }
  await client.end().catch(() => {});
  return undefined;
}

/** Releases the lease. The last release shuts the server down. */
export async function releaseLease(cluster: Cluster, { client, server }: Lease): Promise<void> {
  try {
    // Unlock first: if two processes leave at once, at least one of them must get the exclusive lock.
    await isGranted(client, 'pg_advisory_unlock_shared');
    if (await isGranted(client, 'pg_try_advisory_lock')) await shutDown(cluster, server);
  } catch (error) {
    if (!isTemporary(error)) throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

async function isGranted(client: Client, lockFunction: string): Promise<boolean> {
  const { rows } = await client.query<{ granted: boolean }>(`select ${lockFunction}($1) as granted`, [lockKey]);
  return rows[0]?.granted === true;
}

/** Returns whether the server is starting (57P03), stopping (57P01 to 57P03) or unreachable (every error that the server did not send). */
function isTemporary(error: unknown): boolean {
  return !(error instanceof DatabaseError) || error.code?.startsWith('57P') === true;
}

/** Chooses the port of the next launch after one that ended. Throws if a retry cannot help. */
async function choosePortAfter(
  cluster: Cluster,
  launch: Launch,
  options: LaunchOptions & { mayRetry: boolean },
): Promise<number> {
  const { reason, lines } = await launch.findFailure();
  if (reason === 'port-taken' && options.port === undefined) return choosePortAtRandom();
  if (reason === 'port-taken') {
    throw new EmbeddedPostgresError(
      'PORT_TAKEN',
      `Another program uses port ${launch.port} on 127.0.0.1. Stop it, or choose another port for PostgreSQL.`,
    );
  }
  if (reason === 'other' || !options.mayRetry) throw toStartError(cluster, lines);
  await sleep(100);
  return launch.port;
}

function toStartError({ folder, logFile }: Cluster, reason: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'START_FAILED',
    `The embedded PostgreSQL in ${folder} did not start: ${reason}. See its log: ${logFile}.`,
    { cause },
  );
}
