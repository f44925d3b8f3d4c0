import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInitialised, openCluster, type Cluster } from './cluster.ts';
import { toDataError } from './error.ts';
import { openLease, releaseLease, tryLease, type Lease, type LaunchOptions } from './lease.ts';
import { findServer, type ServerSettings } from './postmaster.ts';

/** A running embedded PostgreSQL. */
export interface EmbeddedPostgres {
  /** The database `holdfast` as its owner, the role `holdfast`: no superuser, bound by row level security. */
  readonly url: string;
  /** The database `postgres` as superuser. */
  readonly adminUrl: string;
  readonly dataDir: string;
  /** Gives the server up; when no other process holds it, it shuts down, which ends every connection. Later calls wait for the first. */
  stop(): Promise<void>;
}

/** What happened to the server while it was held, for the log. */
export interface EmbeddedPostgresEvent {
  /** `lost`: it ended, or ended our session; `restored`: it serves again; `restore-failed`: it does not, or elsewhere. */
  readonly kind: 'lost' | 'restored' | 'restore-failed';
  readonly message: string;
}

/** Where the embedded PostgreSQL has its files, and how it is started. */
export interface EmbeddedPostgresOptions {
  /** Folder of the cluster (`postgres`) and its log (`postgres.log`); made when absent. */
  readonly dataDir: string;
  /** Where to listen on 127.0.0.1; a running server keeps its own. When absent, the last one or any that is free. */
  readonly port?: number | undefined;
  /** Settings for the server when this call starts it. */
  readonly settings?: ServerSettings | undefined;
  /** Called when the server ends and comes back while it is open. */
  readonly onEvent?: ((event: EmbeddedPostgresEvent) => void) | undefined;
}

const shortestPauseMs = 100;
const longestPauseMs = 5000;

/**
 * Opens the PostgreSQL of a data folder: makes the cluster when there is none, starts the server when none is running, and joins it when
 * one is, be it another process's or left by one that was killed. While it is open, a server that dies is started again on the same port.
 *
 * @throws {EmbeddedPostgresError} when there can be no server; `code` tells which of the foreseen reasons it is.
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

/** Whether a data folder holds a cluster. Makes nothing. */
export async function hasEmbeddedPostgres(dataDir: string): Promise<boolean> {
  try {
    return await isInitialised(join(dataDir, 'postgres'));
  } catch (error) {
    throw toDataError(dataDir, error);
  }
}

interface SupervisorOptions extends LaunchOptions {
  readonly port: number;
  readonly onEvent: (event: EmbeddedPostgresEvent) => void;
}

/** Keeps a hold on the server: takes it anew whenever it is lost, until it is stopped. */
function createSupervisor(cluster: Cluster, first: Lease, options: SupervisorOptions): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  let lease: Lease | undefined = first;
  let stopped: Promise<void> | undefined;
  const keeping = keep();

  async function keep(): Promise<void> {
    const toldToStop = new Promise<void>((settle) => signal.addEventListener('abort', () => settle()));
    while (!signal.aborted) {
      if (lease === undefined) lease = await restore();
      else if (await Promise.race([lease.lost.then(() => true), toldToStop])) lease = undefined;
    }
  }

  async function restore(): Promise<Lease | undefined> {
    options.onEvent({
      kind: 'lost',
      message: `The embedded PostgreSQL in ${cluster.folder} has ended; starting it again.`,
    });
    for (let pauseMs = shortestPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        const restored = await openLease(cluster, options);
        options.onEvent(toRestoredEvent(restored.server.port));
        return restored;
      } catch (error) {
        options.onEvent({ kind: 'restore-failed', message: (error as Error).message });
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
    return undefined;
  }

  /** Another process may have started the server first, elsewhere because the port was taken meanwhile. */
  function toRestoredEvent(port: number): EmbeddedPostgresEvent {
    if (port === options.port)
      return { kind: 'restored', message: `The embedded PostgreSQL serves again on port ${port}.` };
    const message = `The embedded PostgreSQL serves on port ${port} now, no longer on ${options.port}: start this process again.`;
    return { kind: 'restore-failed', message };
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await keeping;
    const last = lease ?? (await findLease());
    if (last !== undefined) await releaseLease(cluster, last);
  }

  /** A server that runs although our session with it was lost must not stay behind. */
  async function findLease(): Promise<Lease | undefined> {
    const server = await findServer(cluster);
    return server === undefined ? undefined : tryLease(cluster, server);
  }

  return { stop: () => (stopped ??= stop()) };
}
