import { setTimeout as sleep } from 'node:timers/promises';
import { addCost, currentOperation, findEnd } from '@holdfast/operation';
import { findRetryCause, toNamedError } from '../connection/driver-error.ts';
import type { DatabaseObserver } from '../connection/observer.ts';
import { DatabaseUnavailableError, StatementTimeoutError } from '../errors.ts';

const attemptsMax = 4;
/** What has failed for so long is not tried again: whoever asked has waited long enough. */
const patienceMs = 5_000;
const pauseMinMs = 20;
const pauseMaxMs = 500;

/** How many retries may be made at once before any success has earned another. */
const savingsMax = 50;
/** A success earns a tenth of a retry: in the long run they add no more than that to the load. */
const earnings = 0.1;

export interface Retries {
  /**
   * Runs a unit of work, and again where that is safe and may help: with full jitter, within the budget that all units
   * share, and as long as somebody waits for it. Once a try was lost that may have been kept, none after it fails as if
   * nothing had been done.
   *
   * @param isRepeatable Whether running it twice comes to the same as once, so that it may be run again even where it is
   * unknown whether it was kept.
   */
  run<Result>(unit: () => Promise<Result>, isRepeatable: boolean): Promise<Result>;
}

export function createRetries(observer: DatabaseObserver): Retries {
  let savings = savingsMax;
  return {
    async run(unit, isRepeatable) {
      const startedAt = performance.now();
      let lost: unknown;
      for (let attempt = 1; ; attempt++) {
        try {
          const result = await unit();
          savings = Math.min(savingsMax, savings + earnings);
          return result;
        } catch (error) {
          const named = toNamedError(error);
          const isUnavailable = named instanceof DatabaseUnavailableError;
          if (isUnavailable && !named.isRetryable) lost = error;
          const cause = findRetryCause(error, isRepeatable);
          const operation = currentOperation();
          const isLate = performance.now() - startedAt > patienceMs || findEnd(operation) !== undefined;
          if (cause === undefined || attempt === attemptsMax || savings < 1 || isLate) {
            // That nothing was done by this try tells nothing of an earlier one that was lost.
            throw isUnavailable || named instanceof StatementTimeoutError ? (lost ?? error) : error;
          }
          savings -= 1;
          addCost(operation, 'retries', 1);
          observer.onRetry?.(cause, operation);
          await sleep(Math.random() * Math.min(pauseMaxMs, pauseMinMs * 2 ** attempt));
        }
      }
    },
  };
}
