import { currentOperation, findEnd } from '@holdfast/operation';
import { type Client, type ClientConfig, type CustomTypesConfig, Pool, type PoolClient, type QueryResultRow } from 'pg';
import { DatabaseUnavailableError } from '../errors.ts';
import { isRefusedStart, type SessionStart } from './base-client.ts';
import { toClientConfig } from './client-config.ts';
import { InstrumentedClient } from './client.ts';
import {
  isConnectTimeout,
  isRefusedConnection,
  isStartingServer,
  markDriverError,
  toNamedError,
} from './driver-error.ts';
import type { DatabaseObserver } from './observer.ts';
import {
  createStatementMonitor,
  findEndError,
  type StatementMonitor,
  withStatementLimit,
} from './statement-monitor.ts';

export interface PoolOptions {
  /** Maximum number of connections. */
  max: number;
  /** Milliseconds to wait for a free connection, or for a server that refuses connections. Default 5,000. */
  waitMs?: number | undefined;
  /** Milliseconds to wait until the server accepts a connection. Default 15,000. */
  connectTimeoutMs?: number | undefined;
  /** Time limit in milliseconds for statements outside of transactions that set one. Default no limit. */
  statementLimitMs?: number | undefined;
  /** Whether the pool retries while the server refuses connections. Default true. */
  retryConnect?: boolean;
  observer?: DatabaseObserver | undefined;
  /** Parsers for values. Default: those of node-postgres. */
  types?: CustomTypesConfig;
  /** Called with every new client before it connects. */
  onClient?: (client: Client) => void;
}

/** Counts of a pool's connections. */
export interface PoolState {
  max: number;
  total: number;
  idle: number;
  /** Callers that wait for a connection. */
  waiting: number;
}

export type AcquireCallback = (
  error: Error | undefined,
  client?: InstrumentedClient,
  release?: (isBroken?: boolean) => void,
) => void;

const idleTimeoutMs = 60_000;
/** Connections are replaced after this time, so that the pool finds new servers behind a changed DNS address. */
const lifetimeSeconds = 30 * 60;
/** Time limit of one attempt to connect. If the network drops a packet, only a new attempt helps. */
const attemptTimeoutMs = 4_000;
const delayMaxMs = 1_000;
const delayMinMs = 25;

/**
 * A connection pool with time limits and retries. Callers wait up to `waitMs` for a free connection. While the server
 * refuses connections (restart, wake-up), the pool retries until `waitMs` after the first refusal.
 */
export class InstrumentedPool {
  readonly monitor: StatementMonitor;
  /** Kysely connects a client of this class with these options to cancel a query whose signal was aborted. */
  readonly Client: new (config: ClientConfig) => Client;
  readonly options: Pool['options'];
  /** Milliseconds to wait for a free connection. */
  readonly waitMs: number;
  readonly #pool: Pool;
  readonly #connectTimeoutMs: number;
  readonly #retryConnect: boolean;
  readonly #observer: DatabaseObserver;
  readonly #start: SessionStart;
  /** Callers that wait for a connection. The queue of node-postgres also contains those that have timed out. */
  #waiting = 0;
  /** Open connections. */
  #connected = 0;
  /** Whether any connection has ever succeeded. If none has, the URL may be wrong, and retries are useless. */
  #hasConnected = false;
  /** The time of the first refusal since the last connection. */
  #refusedSince: number | undefined;

  constructor(config: ClientConfig, options: PoolOptions) {
    const { max, waitMs = 5_000, connectTimeoutMs = 15_000, statementLimitMs = 0, retryConnect = true } = options;
    const { observer = {}, types, onClient } = options;
    const monitor = createStatementMonitor(observer);
    const start = { statementTimeoutMs: statementLimitMs, sendsOptions: true };
    const clientOptions = { start, connectTimeoutMs: Math.min(attemptTimeoutMs, connectTimeoutMs) };
    class PooledClient extends InstrumentedClient {
      constructor(config: ClientConfig) {
        super(config, monitor, clientOptions);
        onClient?.(this);
      }
    }
    this.monitor = monitor;
    this.Client = PooledClient;
    this.waitMs = waitMs;
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#retryConnect = retryConnect;
    this.#observer = observer;
    this.#start = start;
    this.#pool = new Pool({
      ...config,
      ...(types && { types }),
      Client: PooledClient as unknown as new () => Client,
      max,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: idleTimeoutMs,
      maxLifetimeSeconds: lifetimeSeconds,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    this.options = this.#pool.options;
    // The running statement rejects when its connection is lost, and the pool drops an idle one. Without these listeners,
    // either event would end the process.
    this.#pool.on('connect', (client) => {
      this.#connected += 1;
      this.#hasConnected = true;
      this.#refusedSince = undefined;
      client.on('error', () => {});
    });
    this.#pool.on('remove', () => void (this.#connected -= 1));
    this.#pool.on('error', () => {});
  }

  get state(): PoolState {
    const { totalCount: total, idleCount: idle } = this.#pool;
    return { max: this.options.max, total, idle, waiting: this.#waiting };
  }

  /** Closes the pool after all connections have been released. */
  end(): Promise<void> {
    return this.#pool.end();
  }

  /** @throws DatabaseUnavailableError if no connection is available in time. */
  connect(): Promise<PoolClient> {
    return new Promise((resolve, reject) => {
      this.acquire((error, client) => (client ? resolve(client as InstrumentedClient & PoolClient) : reject(error)));
    });
  }

  /** Runs one query without retries and with a short time limit. */
  async queryOnce<Row extends QueryResultRow>(sql: string): Promise<Row[]> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw markDriverError(error);
    });
    let isBroken = true;
    try {
      const { rows } = await withStatementLimit(1, () => client.query<Row>(sql));
      isBroken = false;
      return rows;
    } finally {
      client.release(isBroken);
    }
  }

  /** Like `connect`, but the callback may run in the async context of the caller that released the connection. */
  acquire(callback: AcquireCallback): void {
    const operation = currentOperation();
    const endError = findEndError(operation);
    if (endError !== undefined) return callback(endError);
    const startedAt = performance.now();
    const deadlineAt = operation?.deadlineAt ?? Infinity;
    let hasTimedOut = false;
    let timer: NodeJS.Timeout | undefined;
    this.#waiting += 1;
    const onTimeout = () => {
      hasTimedOut = true;
      this.#waiting -= 1;
      // Without any connection the database is down, not busy.
      const message = this.#connected > 0 ? 'The database is too busy at the moment.' : undefined;
      callback(new DatabaseUnavailableError({ message, isRetryable: true }));
    };
    const isFree = this.#pool.idleCount > this.#pool.waitingCount;
    const limitMs = isFree ? Infinity : Math.min(this.#findWaitLimit(), deadlineAt - startedAt);
    if (limitMs < Infinity) timer = setTimeout(onTimeout, Math.max(0, limitMs));
    const attempt = (attempts: number) => {
      const mayBeRefused = this.#start.sendsOptions;
      const onConnect: AcquireCallback = (error, client, release) => {
        // Deferred, because `release` calls the next caller recursively, and thousands in a row may have timed out.
        if (hasTimedOut) return queueMicrotask(() => release?.());
        if (error) markDriverError(error);
        if (mayBeRefused && isRefusedStart(error)) {
          this.#start.sendsOptions = false;
          return attempt(attempts);
        }
        const delayMs = error ? toDelay(attempts) : 0;
        const canRetry =
          error && performance.now() + delayMs < Math.min(deadlineAt, this.#findRetryEnd(error, startedAt));
        if (canRetry && findEnd(operation) === undefined) {
          this.#observer.onRetry?.('connection', operation);
          setTimeout(attempt, delayMs, attempts + 1);
          return;
        }
        clearTimeout(timer);
        this.#waiting -= 1;
        if (client === undefined) return callback(toConnectError(error));
        client.waitedMs = performance.now() - startedAt;
        callback(undefined, client, release);
      };
      this.#pool.connect(onConnect as Parameters<Pool['connect']>[0]);
    };
    attempt(1);
  }

  /** Milliseconds that a new caller may wait for other callers. */
  #findWaitLimit(): number {
    const { idleCount, totalCount, waitingCount } = this.#pool;
    if (waitingCount < idleCount + this.options.max - totalCount) return Infinity;
    // Until the first connection is open, callers wait for the server and not for each other.
    return this.#connected === 0 ? this.#connectTimeoutMs : this.waitMs;
  }

  /** The time until which the pool retries after this error; 0 if it does not retry. */
  #findRetryEnd(error: Error, startedAt: number): number {
    if (this.#pool.ending || !this.#retryConnect) return 0;
    if (isConnectTimeout(error)) return startedAt + this.#connectTimeoutMs;
    if (!isStartingServer(error) && !(this.#hasConnected && isRefusedConnection(error))) return 0;
    // Counted from the first refusal, so that callers do not wait for a server that stays down.
    this.#refusedSince ??= performance.now();
    return this.#refusedSince + this.waitMs;
  }
}

/** Milliseconds until the next attempt to connect: exponential backoff with jitter. */
function toDelay(attempts: number): number {
  return delayMinMs + Math.random() * Math.min(delayMaxMs, delayMinMs * 2 ** attempts);
}

/**
 * Opens a pool. It connects on first use.
 *
 * @throws InvalidDatabaseUrlError if the URL is invalid.
 */
export function openPool(url: string, options: PoolOptions): InstrumentedPool {
  return new InstrumentedPool(toClientConfig(url), options);
}

/** Without a connection nothing was applied, so the call is retryable. */
function toConnectError(cause: Error | undefined): Error {
  const named = toNamedError(cause);
  return named instanceof DatabaseUnavailableError
    ? new DatabaseUnavailableError({ cause, isRetryable: true })
    : (cause ?? new DatabaseUnavailableError());
}
