import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { openLease, releaseLease, tryLease, type LaunchOptions, type Lease } from './lease.ts';
import { findServer } from './postmaster.ts';

/** A change of the server's state while this process has it open, for the log. */
export interface EmbeddedPostgresEvent {
  /**
   * - `lost`: the server ended, or it ended the session of this process.
   * - `restored`: the server runs again.
   * - `restore-failed`: the server does not run, or runs on another port.
   */
  readonly kind: 'lost' | 'restored' | 'restore-failed';
  readonly message: string;
}

interface SupervisorOptions extends LaunchOptions {
  readonly port: number;
  readonly onEvent: (event: EmbeddedPostgresEvent) => void;
}

const shortestPauseMs = 100;
const longestPauseMs = 5000;

/** Renews the lease and restarts the server each time the lease is lost, until `stop`. */
export function createSupervisor(
  cluster: Cluster,
  first: Lease,
  options: SupervisorOptions,
): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  let lease: Lease | undefined = first;
  let stopped: Promise<void> | undefined;
  const supervising = supervise();

  async function supervise(): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    while (!signal.aborted) {
      if (lease === undefined) lease = await restore();
      else if (await Promise.race([lease.lost.then(() => true), aborted])) lease = undefined;
    }
  }

  async function restore(): Promise<Lease | undefined> {
    options.onEvent({
      kind: 'lost',
      message: `The embedded PostgreSQL in ${cluster.folder} has ended. It is being restarted.`,
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

  /** The port can differ: another process may have started the server first, after a third program took the old port. */
  function toRestoredEvent(port: number): EmbeddedPostgresEvent {
    if (port === options.port)
      return { kind: 'restored', message: `The embedded PostgreSQL runs again on port ${port}.` };
    const message = `The embedded PostgreSQL moved from port ${options.port} to port ${port}. Restart this process.`;
    return { kind: 'restore-failed', message };
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await supervising;
    const last = lease ?? (await findLease());
    if (last !== undefined) await releaseLease(cluster, last);
  }

  /** Without a lease, a server can still run: only the session with it was lost. It must not stay behind. */
  async function findLease(): Promise<Lease | undefined> {
    const server = await findServer(cluster);
    return server === undefined ? undefined : tryLease(cluster, server);
  }

  return { stop: () => (stopped ??= stop()) };
}
