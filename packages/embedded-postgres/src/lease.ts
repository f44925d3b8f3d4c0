import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
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

/** One process's share in a running server: a session with a shared lock, which ends with the process however that ends. */
export interface Lease {
  readonly client: Client;
  readonly server: RunningServer;
  /** Resolves when the session has ended, which is how the end of the server shows. */
  readonly lost: Promise<void>;
}

/** How a server is launched when there is none. */
export interface LaunchOptions {
  /** No other port will do; when absent, any will. */
  readonly port?: number | undefined;
  readonly settings: ServerSettings;
}

const lockKey = 4_651_293_718;
const retryMs = 15;
/** How long the remains of an earlier server, or another process's start, may stand in the way. */
const busyPatienceMs = 15_000;
/** A server that recovers from a crash answers only when it is done. */
const recoveryPatienceMs = 120_000;

/**
 * Takes a share in the cluster's server, launching one when there is none.
 *
 * @throws {EmbeddedPostgresError} `PORT_TAKEN` or `START_FAILED`.
 */
export async function openLease(cluster: Cluster, options: LaunchOptions): Promise<Lease> {
  const began = Date.now();
  let port = options.port ?? (await choosePort(cluster));
  let launch: Launch | undefined;
  while (Date.now() - began < recoveryPatienceMs) {
    const server = await findServer(cluster);
    const lease = server === undefined ? undefined : await tryLease(cluster, server);
    if (lease !== undefined) return lease;
    if (server === undefined && launch?.hasEnded() !== false) {
      if (launch !== undefined)
        port = await choosePortAfter(cluster, launch, { ...options, mayWait: Date.now() - began < busyPatienceMs });
      launch = await launchServer(cluster, port, options.settings);
    }
    await sleep(retryMs);
  }
  throw toStartError(cluster, `it has not answered for ${recoveryPatienceMs / 1000} s`);
}

/** Takes a share in a server that runs; `undefined` when it is starting, stopping or gone: worth another look. */
export async function tryLease(cluster: Cluster, server: RunningServer): Promise<Lease | undefined> {
  if (!server.isReady) return undefined;
  const client = new Client({
    host: '127.0.0.1',
    port: server.port,
    user: 'postgres',
    password: cluster.passwords.postgres,
    database: 'postgres',
    ssl: false,
    application_name: 'holdfast embedded',
    connectionTimeoutMillis: 5000,
  });
  const lost = new Promise<void>((resolve) => client.once('end', resolve));
  // 'end' tells the same, and an 'error' that nobody listens to ends the process.
  client.on('error', () => {});
  try {
    await client.connect();
    // Refused while the last holder shuts the server down.
    if (await isGranted(client, 'pg_try_advisory_lock_shared')) return { client, server, lost };
  } catch (error) {
    if (!isPassing(error))
      throw toStartError(cluster, `the server on port ${server.port} refuses us: ${(error as Error).message}`, error);
  }
  await client.end().catch(() => {});
  return undefined;
}

/** Gives the share back; the last one shuts the server down. */
export async function releaseLease(cluster: Cluster, { client, server }: Lease): Promise<void> {
  try {
    // Given back before all is asked for: two that leave together must not both find the other still there.
    await isGranted(client, 'pg_advisory_unlock_shared');
    if (await isGranted(client, 'pg_try_advisory_lock')) await shutDown(cluster, server);
  } catch (error) {
    if (!isPassing(error)) throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

async function isGranted(client: Client, lockFunction: string): Promise<boolean> {
  const { rows } = await client.query<{ granted: boolean }>(`select ${lockFunction}($1) as granted`, [lockKey]);
  return rows[0]?.granted === true;
}

/** Whether the server is starting (57P03), stopping (57P01 to 57P03) or not there (every error that is not the server's own). */
function isPassing(error: unknown): boolean {
  return !(error instanceof DatabaseError) || error.code?.startsWith('57P') === true;
}

/** Where to launch the next server after one that has ended; throws when another try is of no use. */
async function choosePortAfter(
  cluster: Cluster,
  launch: Launch,
  options: LaunchOptions & { mayWait: boolean },
): Promise<number> {
  const { reason, lines } = await launch.findFailure();
  if (reason === 'port-taken' && options.port === undefined) return choosePortAtRandom();
  if (reason === 'port-taken') {
    throw new EmbeddedPostgresError(
      'PORT_TAKEN',
      `Port ${launch.port} on 127.0.0.1 is in use by another program, so the embedded PostgreSQL cannot listen there. ` +
        'Stop that program, or choose another port.',
    );
  }
  if (reason === 'other' || !options.mayWait) throw toStartError(cluster, lines);
  await sleep(100);
  return launch.port;
}

function toStartError({ folder, logFile }: Cluster, reason: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'START_FAILED',
    `The embedded PostgreSQL in ${folder} did not start: ${reason}. Its log is ${logFile}.`,
    { cause },
  );
}
