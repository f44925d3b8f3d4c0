import { AsyncLocalStorage } from 'node:async_hooks';
import { addCost, findEnd, type Operation } from '@holdfast/operation';
import type { Client, Connection } from 'pg';
import { AbortedError, StatementTimeoutError } from '../errors.ts';
import { sendCancel } from './cancel.ts';
import { isStorageFault } from './error-codes.ts';
import { type DatabaseObserver, StatementReport } from './observer.ts';

/** A connection is lost if no response arrives within the statement's time limit plus this grace period. */
const silenceGraceMs = 2_000;

/** How long a cancelled statement may take to end. Over TLS, a cancel request takes four to five round trips. */
const cancelGraceMs = 600;

const sweepMs = 50;

/** A statement or a pipeline that runs on a connection. */
export interface Running {
  readonly client: Client;
  readonly operation: Operation | null;
  /** The `statement_timeout` of the connection in milliseconds; 0 for no limit. */
  readonly limitMs: number;
  /** When it was sent, in `performance.now()` time. PostgreSQL sends the response to a pipeline as a whole at its end. */
  readonly sentAt: number;
  /** When the last response arrived, or the cancel request was sent, in `performance.now()` time. */
  activeAt: number;
  /** Milliseconds spent waiting for the connection; 0 after the first statement has reported them. */
  waitMs: number;
  /** Resolves when PostgreSQL has processed the cancel request. Absent if none was sent. */
  cancelled?: Promise<void>;
}

interface SentStatement {
  readonly name: string | null;
  readonly text: string;
  readonly operation: Operation | null;
}

/** Counts and times every statement, and ends those that exceed their limits. */
export interface StatementMonitor {
  /** When a statement last failed because the server could not read or write its files, in `performance.now()` time. */
  readonly storageFaultAt: number;
  begin(client: Client, start: Pick<Running, 'operation' | 'limitMs' | 'waitMs'>): Running;
  /** Records a statement whose response is complete. */
  record(running: Running, statement: SentStatement, end: { rows: number; error?: unknown }): void;
  /**
   * Marks the work as ended.
   *
   * @returns A promise to await before the connection is used again, if a cancel request is still on its way. That request
   * would cancel the next statement.
   */
  end(running: Running): Promise<void> | undefined;
}

/** The error for an operation that was aborted or is past its deadline; undefined while it may continue. */
export function findEndError(operation: Operation | null): AbortedError | StatementTimeoutError | undefined {
  const end = findEnd(operation);
  if (end === undefined) return undefined;
  return end === 'abandoned' ? new AbortedError() : new StatementTimeoutError();
}

export function createStatementMonitor(observer: DatabaseObserver): StatementMonitor {
  const all = new Set<Running>();
  let sweeping: NodeJS.Timeout | undefined;
  let storageFaultAt = -Infinity;

  // One periodic check of all running work costs less than a timer and a listener for each statement.
  function sweep(): void {
    const now = performance.now();
    for (const running of all) enforceLimits(running, now);
    if (all.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  return {
    get storageFaultAt() {
      return storageFaultAt;
    },
    begin(client, { operation, limitMs, waitMs }) {
      const sentAt = performance.now();
      const running: Running = { client, operation, limitMs, waitMs, sentAt, activeAt: sentAt };
      addCost(operation, 'waitMs', waitMs);
      all.add(running);
      // `setImmediate` lets Node read the responses that have arrived. Otherwise, after a pause of the whole process, every
      // connection would look silent.
      sweeping ??= setInterval(() => setImmediate(sweep), sweepMs);
      return running;
    },
    record(running, { name, text, operation }, { rows, error }) {
      const { sentAt, waitMs } = running;
      running.activeAt = performance.now();
      running.waitMs = 0;
      addCost(operation, 'statements', 1);
      if (error !== undefined && isStorageFault(toCode(error))) storageFaultAt = running.activeAt;
      if (observer.onStatement === undefined) return;
      const startedAt = performance.timeOrigin + sentAt;
      const durationMs = running.activeAt - sentAt;
      const errorCode = error === undefined ? null : toCode(error);
      observer.onStatement(
        new StatementReport({ operation, name, startedAt, waitMs, durationMs, rows, errorCode }, text),
      );
    },
    end(running) {
      all.delete(running);
      const isBroken = running.client.connection.stream.destroyed;
      return isBroken ? undefined : running.cancelled;
    },
  };
}

/**
 * Cancels work whose operation has ended, and destroys connections that have gone silent. If a network drops packets, a
 * connection never ends without this, and its caller would wait forever.
 */
function enforceLimits(running: Running, now: number): void {
  const { client, operation, limitMs, activeAt, cancelled } = running;
  const silenceMs = now - activeAt;
  if (cancelled !== undefined) {
    if (silenceMs > cancelGraceMs) destroySocket(client);
  } else if (findEnd(operation) !== undefined) {
    running.cancelled = cancel(client);
    running.activeAt = now;
  } else if (limitMs > 0 && silenceMs > limitMs + silenceGraceMs) {
    destroySocket(client);
  }
}

/** Destroys the connection if the cancel request is late, because it could then cancel another statement. */
async function cancel(client: Client): Promise<void> {
  if (!(await sendCancel(client))) destroySocket(client);
}

function destroySocket(client: Client): void {
  const { stream }: Connection = client.connection;
  stream.destroy(new Error('Query read timeout'));
}

/** The code of an error, or its name if it has no code. Never the message, which may contain row values. */
export function toCode(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

const limits = new AsyncLocalStorage<number>();

/** Runs work whose transactions have this `statement_timeout`, in milliseconds; 0 for no limit. */
export function withStatementLimit<Result>(limitMs: number, work: () => Result): Result {
  return limits.run(limitMs, work);
}

/** The limit of the enclosing `withStatementLimit`, or undefined outside of it. */
export function currentStatementLimit(): number | undefined {
  return limits.getStore();
}
