import { AsyncLocalStorage } from 'node:async_hooks';
import { currentOperation, findEnd } from '@holdfast/operation';
import { type Client, type ClientConfig, type CustomTypesConfig, Pool, type PoolClient, type QueryResultRow } from 'pg';
import { DatabaseUnavailableError } from '../errors.ts';
import { toClientConfig } from './client-config.ts';
import { InstrumentedClient } from './client.ts';
import { isRefusedConnection, isSlowConnection, isStartingServer, toNamedError } from './driver-error.ts';
import type { DatabaseObserver } from './observer.ts';
import {
  createStatementMonitor,
  findEndError,
  type StatementMonitor,
  withStatementLimit,
} from './statement-monitor.ts';

export interface PoolOptions {
  /** Connections at the most. */
  max: number;
  /** Milliseconds to wait for a connection while all are at work, or while the server refuses them. Default 5,000. */
  waitMs?: number | undefined;
  /** Milliseconds to wait for the server to take a connection. Default 15,000. */
  connectTimeoutMs?: number | undefined;
  /** Milliseconds that a statement may take outside of transactions with a limit of their own. Default no limit. */
  statementLimitMs?: number | undefined;
  /** Whether a server that refuses connections is asked again for a while. Default true. */
  isPatient?: boolean;
  observer?: DatabaseObserver | undefined;
  /** How values are read; default as node-postgres does. */
  types?: CustomTypesConfig;
  /** Told of each connection before it is made. */
  onClient?: (client: Client) => void;
}

/** How the connections of a pool are engaged. */
export interface PoolState {
  max: number;
  total: number;
  idle: number;
  /** How many units of work wait for a connection. */
  waiting: number;
}

export type Connected = (
  error: Error | undefined,
  client?: InstrumentedClient,
  release?: (isBroken?: boolean) => void,
) => void;

const idleTimeoutMs = 60_000;
/** Connections are made anew now and then, so that servers behind a changed address come into use. */
const lifetimeSeconds = 30 * 60;
/** A connection that is not made in this time is given up and asked for anew: what a network swallowed stays lost. */
const attemptMaxMs = 4_000;
const pauseMaxMs = 1_000;
const pauseMinMs = 25;

/**
 * The one place connections come from. Whoever finds all of them at work waits so long and no longer; a server that
 * refuses connections, as one does that restarts or is being woken, is asked again for a while.
 */
export class InstrumentedPool extends Pool {
  readonly watch: StatementMonitor;
  readonly #waitMs: number;
  readonly #connectTimeoutMs: number;
  readonly #isPatient: boolean;
  readonly #observer: DatabaseObserver;
  /** How many wait for a connection; those who have given up stay in the library's queue for a while. */
  #waiting = 0;
  /** How many connections the server has taken. */
  #connected = 0;
  /** A server that has never let anybody in may not be one. */
  #isKnown = false;
  /** Since when the server has refused connections. */
  #refusedSince: number | undefined;

  constructor(client: ClientConfig, options: PoolOptions) {
    const { max, waitMs = 5_000, connectTimeoutMs = 15_000, statementLimitMs = 0, isPatient = true } = options;
    const { observer = {}, types, onClient } = options;
    const watch = createStatementMonitor(observer);
    class PooledClient extends InstrumentedClient {
      constructor(config: ClientConfig) {
        super(config, watch, { statementLimitMs, connectTimeoutMs: Math.min(attemptMaxMs, connectTimeoutMs) });
        onClient?.(this);
      }
    }
    super({
      ...client,
      ...(types && { types }),
      Client: PooledClient as unknown as new () => Client,
      max,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: idleTimeoutMs,
      maxLifetimeSeconds: lifetimeSeconds,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    this.watch = watch;
    this.#waitMs = waitMs;
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#isPatient = isPatient;
    this.#observer = observer;
    // The statement in flight is told of a lost connection by itself, and the pool has let go of one that was idle;
    // without these listeners either would end the process.
    this.on('connect', (connected) => {
      this.#connected += 1;
      this.#isKnown = true;
      this.#refusedSince = undefined;
      connected.on('error', () => {});
    });
    this.on('remove', () => void (this.#connected -= 1));
    this.on('error', () => {});
  }

  get state(): PoolState {
    return { max: this.options.max, total: this.totalCount, idle: this.idleCount, waiting: this.#waiting };
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | void {
    if (callback !== undefined) return this.acquire(AsyncLocalStorage.bind(callback));
    return new Promise((resolve, reject) => {
      this.acquire((error, client) => (client ? resolve(client as InstrumentedClient & PoolClient) : reject(error)));
    });
  }

  /** Asks the server once, whatever it says. */
  connectOnce(callback: Connected): void {
    super.connect(callback as Parameters<Pool['connect']>[0]);
  }

  /** As `connect`, but the callback may run within the operation of whoever gave the connection back. */
  acquire(callback: Connected): void {
    const operation = currentOperation();
    const endError = findEndError(operation);
    if (endError !== undefined) return callback(endError);
    const askedAt = performance.now();
    const deadlineAt = operation?.deadlineAt ?? Infinity;
    let isGivenUp = false;
    let patience: NodeJS.Timeout | undefined;
    this.#waiting += 1;
    const giveUp = () => {
      isGivenUp = true;
      this.#waiting -= 1;
      // With no connection at all there is nothing to be busy.
      const message = this.#connected > 0 ? 'The database is too busy at the moment.' : undefined;
      callback(new DatabaseUnavailableError({ message, isRetryable: true }));
    };
    // An idle connection is handed over before any time passes.
    const isFree = this.idleCount > this.waitingCount;
    const limitMs = isFree ? Infinity : Math.min(this.#findWaitLimit(), deadlineAt - askedAt);
    if (limitMs < Infinity) patience = setTimeout(giveUp, Math.max(0, limitMs));
    const attempt = (tries: number) => {
      this.connectOnce((error, client, release) => {
        // Not at once: the pool then calls the next one from within, and any number may have given up.
        if (isGivenUp) return queueMicrotask(() => release?.());
        const pauseMs = error && this.#findPause(error, { tries, askedAt, deadlineAt });
        if (pauseMs !== undefined && findEnd(operation) === undefined) {
          this.#observer.onRetry?.('connection', operation);
          setTimeout(attempt, pauseMs, tries + 1);
          return;
        }
        clearTimeout(patience);
        this.#waiting -= 1;
        if (client === undefined) return callback(toConnectError(error));
        client.waitedMs = performance.now() - askedAt;
        callback(undefined, client, release);
      });
    };
    attempt(1);
  }

  /** How long whoever asks now may wait for others to be done. */
  #findWaitLimit(): number {
    const free = this.idleCount + this.options.max - this.totalCount;
    if (this.waitingCount < free) return Infinity;
    // While the first connections are being made all wait for the server, and nobody is in anybody's way.
    return this.#connected === 0 ? this.#connectTimeoutMs : this.#waitMs;
  }

  /** How long to wait before the server is asked again for a connection, undefined where that is in vain. */
  #findPause(error: Error, { tries, askedAt, deadlineAt }: Asking): number | undefined {
    if (this.ending || !this.#isPatient) return undefined;
    const now = performance.now();
    const pauseMs = pauseMinMs + Math.random() * Math.min(pauseMaxMs, pauseMinMs * 2 ** tries);
    const until = this.#findPatience(error, now, askedAt);
    return now + pauseMs < Math.min(deadlineAt, until) ? pauseMs : undefined;
  }

  /** Until when a server that gives this error is worth asking. */
  #findPatience(error: Error, now: number, askedAt: number): number {
    if (isSlowConnection(error)) return askedAt + this.#connectTimeoutMs;
    if (!isStartingServer(error) && !(this.#isKnown && isRefusedConnection(error))) return now;
    this.#refusedSince ??= now;
    // Counted from the first refusal: a server that is away for longer costs nobody another wait.
    return this.#refusedSince + this.#waitMs;
  }
}

interface Asking {
  /** How often the server has been asked. */
  tries: number;
  askedAt: number;
  deadlineAt: number;
}

/**
 * Opens a pool; it connects at first use.
 *
 * @throws InvalidDatabaseUrlError for a URL that cannot be used.
 */
export function openPool(url: string, options: PoolOptions): InstrumentedPool {
  return new InstrumentedPool(toClientConfig(url), options);
}

/** Asks one question, at once and in little time, or not at all. */
export async function askOnce<Row extends QueryResultRow>(pool: InstrumentedPool, sql: string): Promise<Row[]> {
  const { promise, resolve, reject } = Promise.withResolvers<[InstrumentedClient, (isBroken?: boolean) => void]>();
  pool.connectOnce((error, client, release) => (client && release ? resolve([client, release]) : reject(error!)));
  const [client, release] = await promise;
  let isBroken = true;
  try {
    const { rows } = await withStatementLimit(1, () => client.query(sql));
    isBroken = false;
    return rows;
  } finally {
    release(isBroken);
  }
}

/** Before there is a connection nothing can have happened. */
function toConnectError(cause: Error | undefined): Error {
  const named = toNamedError(cause);
  return named instanceof DatabaseUnavailableError
    ? new DatabaseUnavailableError({ cause, isRetryable: true })
    : (cause ?? new DatabaseUnavailableError());
}
