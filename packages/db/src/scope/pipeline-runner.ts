import type { Operation } from '@holdfast/operation';
import { DatabaseError } from 'pg-protocol';
import type { InstrumentedPool } from '../connection/pool.ts';
import { findEndError, type Running } from '../connection/statement-monitor.ts';
import {
  isOutdatedPlan,
  Pipeline,
  type PipelineOptions,
  type PipelineOutcome,
  type PipelineTransaction,
  toFailure,
} from './pipeline.ts';
import type { TextRow } from './prepared-statement.ts';
import type { SettingsForm } from './transaction-frame.ts';
import { UserTurns } from './user-turns.ts';

/** Runs transactions as pipelines on the connections of one pool. */
export interface PipelineRunner {
  /** Runs a transaction in one round trip and returns the rows of each statement. */
  run(transaction: PipelineTransaction): Promise<TextRow[][]>;
  /**
   * Runs several transactions of one request in order, on one connection and in one round trip. A failure does not stop the next
   * transactions. Never rejects.
   *
   * @returns The outcome of each transaction.
   */
  runInOrder(transactions: readonly PipelineTransaction[]): Promise<PipelineOutcome[]>;
}

export function createPipelineRunner(pool: InstrumentedPool, form: SettingsForm): PipelineRunner {
  const turns = new UserTurns(pool);
  let usesPreparedStatements = true;

  async function runInOrder(transactions: readonly PipelineTransaction[]): Promise<PipelineOutcome[]> {
    const outcomes = await attemptInTurn(pool, turns, { transactions, usesPreparedStatements, form });
    if (outcomes.some(({ error }) => isMissingName(error))) usesPreparedStatements = false;
    return outcomes;
  }

  return {
    runInOrder,
    async run(transaction) {
      // After a migration, each connection may have an outdated plan.
      for (let attempts = 0; ; attempts++) {
        const [outcome] = await runInOrder([transaction]);
        const { error, rows } = outcome!;
        if (error === undefined) return rows;
        if (!mayPrepareAgain(error) || attempts > pool.options.max) throw error;
      }
    },
  };
}

/** Whether the error is about the preparation of a statement. Such a statement has not run, so it may be sent again. */
export function mayPrepareAgain(error: Error): boolean {
  return isMissingName(error) || (error instanceof DatabaseError && isOutdatedPlan(error));
}

/** A pooler shares connections between clients, so a name can be missing or already in use. */
function isMissingName(error: Error | undefined): boolean {
  return error instanceof DatabaseError && (error.code === '26000' || error.code === '42P05');
}

/** All statements of a transaction belong to one call. */
function operationOf({ statements }: PipelineTransaction): Operation | null {
  return statements[0]?.operation ?? null;
}

interface Attempt extends PipelineOptions {
  readonly transactions: readonly PipelineTransaction[];
}

type OnEnd = (outcomes: PipelineOutcome[], workedMs: number) => void;

/** Waits for a turn of the user. Work across all users needs none. Never rejects. */
function attemptInTurn(pool: InstrumentedPool, turns: UserTurns, attempt: Attempt): Promise<PipelineOutcome[]> {
  const { settings, statements } = attempt.transactions[0]!;
  const { userId } = settings;
  return new Promise((resolve) => {
    if (userId === undefined) return sendAll(pool, attempt, resolve);
    const isWrite = statements.some(({ isRead }) => !isRead);
    const isLong = attempt.transactions.some((transaction) => transaction.statements.some((one) => one.isLong));
    turns.enter({ userId, isWrite, isLong }, (error, leave) => {
      if (error !== undefined) return resolve(attempt.transactions.map(() => toFailure(error)));
      sendAll(pool, attempt, (outcomes, workedMs) => {
        leave!(workedMs);
        resolve(outcomes);
      });
    });
  });
}

function sendAll(pool: InstrumentedPool, attempt: Attempt, onEnd: OnEnd): void {
  const { transactions } = attempt;
  const failAll = (error: Error) =>
    onEnd(
      transactions.map(() => toFailure(error)),
      0,
    );
  pool.acquire((connectError, client, release) => {
    if (client === undefined) return failAll(connectError!);
    const endError = findEndError(operationOf(transactions[0]!));
    if (endError !== undefined) {
      queueMicrotask(() => release?.());
      return failAll(endError);
    }
    const { monitor } = pool;
    const startedAt = performance.now();
    const outcomes: PipelineOutcome[] = [];
    const cancels: Promise<void>[] = [];
    let running: Running;
    const submit = () => {
      const transaction = transactions[outcomes.length]!;
      const limitMs = transaction.settings.statementTimeoutMs;
      running = monitor.begin(client, { operation: operationOf(transaction), limitMs, waitMs: client.takeWait() });
      client.submit(pipeline);
    };
    const finish = (isBroken: boolean) => {
      release?.(isBroken);
      onEnd(outcomes, performance.now() - startedAt);
    };
    const pipeline = new Pipeline(transactions, attempt, {
      onStatement: (statement, rows, error) => monitor.record(running, statement, { rows, error }),
      onOutcome(outcome) {
        outcomes.push(outcome);
        const cancelled = monitor.end(running);
        if (cancelled !== undefined) cancels.push(cancelled);
      },
      onNext: submit,
      onCommit: () => client.submit(pipeline),
      onEnd(isLost) {
        // A COMMIT that was cancelled leaves its transaction open.
        const isBroken = isLost || client.getTransactionStatus() !== 'I';
        if (cancels.length === 0) finish(isBroken);
        else void Promise.all(cancels).then(() => finish(isBroken || client.connection.stream.destroyed));
      },
    });
    submit();
  });
}
