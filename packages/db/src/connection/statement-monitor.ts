import { AsyncLocalStorage } from 'node:async_hooks';
import { addCost, findEnd, type Operation } from '@holdfast/operation';
import type { Client, Connection } from 'pg';
import { AbortedError, StatementTimeoutError } from '../errors.ts';
import { sendCancel } from './cancel.ts';
import { type DatabaseObserver, StatementReport } from './observer.ts';

/** How much longer than its own time limit a statement may go without an answer before its connection counts as lost. */
const graceMs = 2_000;

/** How long a statement that has been cancelled is waited for: over TLS to cancel takes four to five round trips. */
const cancelGraceMs = 600;

const sweepMs = 50;

/** A connection at work on a statement, or on a unit that was sent whole. */
export interface Running {
  readonly client: Client;
  readonly operation: Operation | null;
  /** What PostgreSQL itself has been told to end a statement after, in milliseconds; 0 for never. */
  readonly limitMs: number;
  /** When it was sent, on the clock of `performance.now()`. PostgreSQL answers a unit as a whole, once it is done. */
  readonly sentAt: number;
  /** When it was last heard of. */
  heardAt: number;
  /** How long it had waited for its connection, until a statement has been told of it. */
  waitMs: number;
  /** Settled once PostgreSQL has dealt with the request to cancel; absent while there was none. */
  cancelled?: Promise<void>;
}

interface SentStatement {
  readonly name: string | null;
  readonly text: string;
  readonly operation: Operation | null;
}

/** What every statement passes through, whoever sends it: counted, timed, and ended in time. */
export interface StatementMonitor {
  begin(client: Client, start: Pick<Running, 'operation' | 'limitMs' | 'waitMs'>): Running;
  /** The answer to a statement is complete. */
  note(running: Running, statement: SentStatement, end: { rows: number; error?: unknown }): void;
  /**
   * Nothing runs there any longer.
   *
   * @returns what has to be awaited before anything else may: a request to cancel that comes late would hit it.
   */
  end(running: Running): Promise<void> | undefined;
}

/** What an operation that nobody waits for any longer fails with, undefined while it may go on. */
export function findEndError(operation: Operation | null): AbortedError | StatementTimeoutError | undefined {
  const end = findEnd(operation);
  if (end === undefined) return undefined;
  return end === 'abandoned' ? new AbortedError() : new StatementTimeoutError();
}

export function createStatementMonitor(observer: DatabaseObserver): StatementMonitor {
  const all = new Set<Running>();
  let sweeping: NodeJS.Timeout | undefined;

  // One look at everything that runs, some times a second, costs less than a timer and a listener for each.
  function sweep(): void {
    const now = performance.now();
    for (const running of all) look(running, now);
    if (all.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  return {
    begin(client, { operation, limitMs, waitMs }) {
      const sentAt = performance.now();
      const running: Running = { client, operation, limitMs, waitMs, sentAt, heardAt: sentAt };
      addCost(operation, 'waitMs', waitMs);
      all.add(running);
      // Only after what has arrived is read: to a process that stood still everybody would seem to have fallen silent.
      sweeping ??= setInterval(() => setImmediate(sweep), sweepMs);
      return running;
    },
    note(running, { name, text, operation }, { rows, error }) {
      const { sentAt, waitMs } = running;
      running.heardAt = performance.now();
      running.waitMs = 0;
      addCost(operation, 'statements', 1);
      if (observer.onStatement === undefined) return;
      const startedAt = performance.timeOrigin + sentAt;
      const durationMs = running.heardAt - sentAt;
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
 * Cancels what nobody waits for any longer, and breaks off connections that have fallen silent: a network that swallows
 * packets ends no connection by itself, and whoever waits on one would wait for ever.
 */
function look(running: Running, now: number): void {
  const { client, operation, limitMs, heardAt, cancelled } = running;
  const silenceMs = now - heardAt;
  if (cancelled !== undefined) {
    if (silenceMs > cancelGraceMs) destroy(client);
  } else if (findEnd(operation) !== undefined) {
    running.cancelled = cancel(client);
    running.heardAt = now;
  } else if (limitMs > 0 && silenceMs > limitMs + graceMs) {
    destroy(client);
  }
}

/** A request that may still arrive later would hit another statement. */
async function cancel(client: Client): Promise<void> {
  if (!(await sendCancel(client))) destroy(client);
}

function destroy(client: Client): void {
  const { stream }: Connection = client.connection;
  stream.destroy(new Error('Query read timeout'));
}

/** Which error it is, without its message. */
export function toCode(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

const limits = new AsyncLocalStorage<number>();

/** Runs a transaction whose statements PostgreSQL has been told to end after so many milliseconds; 0 for never. */
export function withStatementLimit<Result>(limitMs: number, work: () => Result): Result {
  return limits.run(limitMs, work);
}

/** The limit of the transaction that runs, undefined outside of any. */
export function currentStatementLimit(): number | undefined {
  return limits.getStore();
}
