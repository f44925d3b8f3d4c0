import { currentOperation, type Operation } from '@holdfast/operation';
import { findRetryCause, toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError, StatementTimeoutError } from '../errors.ts';
import type { RunStatements } from './batch-reads.ts';
import { mayPrepareAgain } from './pipeline-runner.ts';
import type { BoundStatement, PipelineOutcome } from './pipeline.ts';
import type { TextRow } from './prepared-statement.ts';
import type { SessionSettings } from './session-settings.ts';
import { toWriteError, type TransactionRunner } from './transaction.ts';

/** Sends the writes of several calls in one round trip, in the order in which the calls have joined. */
export interface WriteBatch {
  /**
   * Takes the next place for the write of an operation. The batch is sent when each place has its write or was left.
   *
   * @returns Leaves the place, if the operation has not written.
   */
  join(operation: Operation): () => void;
  /** Runs the write of the current operation: at its place, or after the batch if it has no place left. */
  run: RunStatements;
}

interface PendingWrite {
  readonly statements: readonly BoundStatement[];
  readonly isIdempotent: boolean;
  readonly resolve: (rows: TextRow[][]) => void;
  readonly reject: (error: unknown) => void;
  outcome?: PipelineOutcome;
  /** The error of an attempt that may have been applied. */
  unknownOutcome?: unknown;
}

export function createWriteBatch(
  runner: TransactionRunner,
  settings: SessionSettings,
  runAlone: RunStatements,
): WriteBatch {
  /** In order of joining; null for a place without a write. */
  const places = new Map<Operation, PendingWrite | null>();
  let latest: Promise<unknown> = Promise.resolve();

  function sendIfComplete(): void {
    const writes = [...places.values()];
    if (writes.length === 0 || writes.includes(null)) return;
    places.clear();
    latest = latest.then(() => runInOrder(runner, settings, writes as PendingWrite[]));
  }

  return {
    join(operation) {
      places.set(operation, null);
      return () => {
        if (places.get(operation) !== null) return;
        places.delete(operation);
        queueMicrotask(sendIfComplete);
      };
    },
    async run(statements) {
      const operation = currentOperation();
      if (operation === null || places.get(operation) !== null) {
        await latest;
        return runAlone(statements);
      }
      return new Promise((resolve, reject) => {
        const isIdempotent = statements.every((statement) => statement.isIdempotent);
        places.set(operation, { statements, isIdempotent, resolve, reject });
        // Calls that start at the same time can still join.
        queueMicrotask(sendIfComplete);
      });
    },
  };
}

/**
 * Runs each write in a separate transaction, in order. After a failure that a retry can help, the write runs again together
 * with all later ones, if none of these has changed anything: then the order is still that of the calls. Never rejects.
 */
async function runInOrder(runner: TransactionRunner, settings: SessionSettings, writes: PendingWrite[]): Promise<void> {
  let rest = writes;

  async function attempt(): Promise<void> {
    for (let preparations = 0; rest.length > 0; preparations++) {
      const outcomes = await runner.pipelines.runInOrder(rest.map(({ statements }) => ({ settings, statements })));
      for (const [at, write] of rest.entries()) record(write, outcomes[at]!);
      const first = findFirstToRepeat(rest);
      for (const write of rest.slice(0, first)) settle(write);
      rest = rest.slice(first);
      const error = rest[0]?.outcome!.error;
      // After a migration, each connection may have an outdated plan.
      if (error !== undefined && (!mayPrepareAgain(error) || preparations > runner.connectionsMax)) throw error;
    }
  }

  try {
    const toOperations = () => rest.map(({ statements }) => statements[0]?.operation ?? null);
    await runner.retries.run(attempt, { isIdempotent: true, toOperations });
  } catch {
    for (const write of rest) settle(write);
  }
}

function record(write: PendingWrite, outcome: PipelineOutcome): void {
  const { error } = outcome;
  write.outcome = error === undefined ? outcome : { ...outcome, error: toWriteError(error) };
  if (isUnknown(write.outcome.error)) write.unknownOutcome = write.outcome.error;
}

function isUnknown(error: unknown): boolean {
  const named = toNamedError(error);
  return named instanceof DatabaseUnavailableError && !named.isRetryable;
}

/** The index of the first write that must run again; the number of writes if there is none. */
function findFirstToRepeat(writes: readonly PendingWrite[]): number {
  let first = writes.length;
  for (let at = writes.length - 1; at >= 0 && mayRepeat(writes[at]!); at--) {
    if (mustRepeat(writes[at]!)) first = at;
  }
  return first;
}

/** Whether a repetition of the write cannot apply it twice. */
function mayRepeat({ outcome, isIdempotent }: PendingWrite): boolean {
  const { error, isUnchanged } = outcome!;
  return error === undefined ? isUnchanged : isIdempotent || !isUnknown(error);
}

function mustRepeat({ outcome, isIdempotent }: PendingWrite): boolean {
  const { error } = outcome!;
  return error !== undefined && (mayPrepareAgain(error) || findRetryCause(error, isIdempotent) !== undefined);
}

function settle({ outcome, unknownOutcome, resolve, reject }: PendingWrite): void {
  const { error, rows } = outcome!;
  if (error === undefined) return resolve(rows);
  const named = mayPrepareAgain(error)
    ? new DatabaseUnavailableError({ cause: error, isRetryable: true })
    : toNamedError(error);
  const canHide = named instanceof DatabaseUnavailableError || named instanceof StatementTimeoutError;
  // If this attempt applied nothing, an earlier attempt may still have been applied.
  reject(canHide ? (unknownOutcome ?? named) : error);
}
