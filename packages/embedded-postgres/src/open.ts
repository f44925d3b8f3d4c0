import { join, resolve } from 'node:path';
import { isInitialised, openCluster } from './cluster.ts';
import { toDataError } from './error.ts';
import { openLease } from './lease.ts';
import type { ServerSettings } from './postmaster.ts';
import { createSupervisor, type EmbeddedPostgresEvent } from './supervisor.ts';

/** A running embedded PostgreSQL. */
export interface EmbeddedPostgres {
  /** URL of the database `holdfast` as its owner, the role `holdfast`. It is no superuser, and row-level security applies to it. */
  readonly url: string;
  /** URL of the database `postgres` as the superuser. */
  readonly adminUrl: string;
  readonly dataDir: string;
  /**
   * Releases the server. If no other process has a lease, the server shuts down, which ends every connection. Repeated calls
   * return the same promise.
   */
  stop(): Promise<void>;
}

/** Data folder, port and settings of the embedded PostgreSQL. */
export interface EmbeddedPostgresOptions {
  /** Folder of the cluster (`postgres`) and its log (`postgres.log`). It is created if it does not exist. */
  readonly dataDir: string;
  /** Port on 127.0.0.1. A server that already runs stays on its port. Default: the last port, else a free port. */
  readonly port?: number | undefined;
  /** Server settings, which apply only if this call starts the server. Default: no settings. */
  readonly settings?: ServerSettings | undefined;
  /** Called when the server ends, and when it runs again. Default: events are ignored. */
  readonly onEvent?: ((event: EmbeddedPostgresEvent) => void) | undefined;
}

/**
 * Opens the PostgreSQL of a data folder. If a server already runs, it joins that server, even if a killed process left it behind.
 * Otherwise it creates the cluster if necessary, and starts a server. A server that ends while it is open is restarted on the same
 * port.
 *
 * @throws {EmbeddedPostgresError} if no server can run; `code` is the reason.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { port, settings = {}, onEvent = () => {} } = options;
  const dataDir = resolve(options.dataDir);
  try {
    const cluster = await openCluster(dataDir);
    const lease = await openLease(cluster, { port, settings });
    const supervisor = createSupervisor(cluster, lease, { port: lease.server.port, settings, onEvent });
    const toUrl = (role: 'postgres' | 'holdfast') =>
      `postgres://${role}:${cluster.passwords[role]}@127.0.0.1:${lease.server.port}/${role}`;
    return { url: toUrl('holdfast'), adminUrl: toUrl('postgres'), dataDir, stop: supervisor.stop };
  } catch (error) {
    throw toDataError(dataDir, error);
  }
}

/**
 * Returns whether a data folder contains a cluster. Creates nothing.
 *
 * @throws {EmbeddedPostgresError} `DATA_UNREADABLE`.
 */
export async function hasEmbeddedPostgres(dataDir: string): Promise<boolean> {
  try {
    return await isInitialised(join(dataDir, 'postgres'));
  } catch (error) {
    throw toDataError(dataDir, error);
  }
}
