import { setTimeout as sleep } from 'node:timers/promises';
import { addCost, currentOperation, findEnd, type Operation } from '@holdfast/operation';
import { findRetryCause, toNamedError } from '../connection/driver-error.ts';
import type { DatabaseObserver } from '../connection/observer.ts';
import { DatabaseUnavailableError, StatementTimeoutError } from '../errors.ts';

const attemptsMax = 4;
/** No retry starts later than this after the first attempt. */
const retryWindowMs = 5_000;
const delayMinMs = 20;
const delayMaxMs = 500;

/** The size of the retry budget, in retries. */
const budgetMax = 50;
/** Each success adds this much to the budget, so retries add at most 10 % to the load in the long run. */
const budgetPerSuccess = 0.1;

/** Retries transactions within a budget that all transactions of one pool share. */
export interface RetryBudget {
  /**
   * Runs a transaction, and runs it again after a failure if that is safe and can help. Delays have full jitter. Retries
   * stop when the operation is aborted or overdue.
   *
   * If an attempt may have been applied, no later failure is reported as retryable.
   */
  run<Result>(transaction: () => Promise<Result>, options: RetryOptions): Promise<Result>;
}

export interface RetryOptions {
  /**
   * Whether running the transaction twice has the same effect as running it once. If true, it is also retried after a failure
   * with unknown outcome.
   */
  isIdempotent: boolean;
  /** The operations that the next attempt works for. Default: the current one. */
  toOperations?: () => readonly (Operation | null)[];
}

export function createRetryBudget(observer: DatabaseObserver): RetryBudget {
  let budget = budgetMax;
  return {
    async run(transaction, { isIdempotent, toOperations = () => [currentOperation()] }) {
      const startedAt = performance.now();
      let unknownOutcome: unknown;
      for (let attempt = 1; ; attempt++) {
        try {
          const result = await transaction();
          budget = Math.min(budgetMax, budget + budgetPerSuccess);
          return result;
        } catch (error) {
          const named = toNamedError(error);
          const isUnavailable = named instanceof DatabaseUnavailableError;
          if (isUnavailable && !named.isRetryable) unknownOutcome = error;
          const cause = findRetryCause(error, isIdempotent);
          const operations = toOperations();
          const hasEnded = operations.some((operation) => findEnd(operation) !== undefined);
          const isLate = performance.now() - startedAt > retryWindowMs || hasEnded;
          if (cause === undefined || attempt === attemptsMax || budget < 1 || isLate) {
            // If this attempt applied nothing, an earlier attempt may still have been applied.
            throw isUnavailable || named instanceof StatementTimeoutError ? (unknownOutcome ?? error) : error;
          }
          budget -= 1;
          for (const operation of operations) {
            addCost(operation, 'retries', 1);
            observer.onRetry?.(cause, operation);
          }
          await sleep(Math.random() * Math.min(delayMaxMs, delayMinMs * 2 ** attempt));
        }
      }
    },
  };
}
