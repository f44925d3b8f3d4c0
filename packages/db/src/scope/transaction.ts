import { currentOperation, findEnd } from '@holdfast/operation';
import type { EntityManager } from '@mikro-orm/postgresql';
import { isDriverError, isMissingOwner, toNamedError } from '../connection/driver-error.ts';
import { withStatementLimit } from '../connection/statement-monitor.ts';
import {
  AbortedError,
  DatabaseUnavailableError,
  InvalidValueError,
  ReadOnlyWorkError,
  StatementTimeoutError,
} from '../errors.ts';
import { transactionOptions } from '../schema/orm.ts';
import type { PipelineRunner } from './pipeline-runner.ts';
import type { RetryBudget } from './retry.ts';
import type { SessionSettings } from './session-settings.ts';
import { type SettingsForm, toSettingsSql } from './transaction-frame.ts';

/**
 * The two ways to run a transaction on one pool: as a pipeline if all statements are known in advance, or with an entity
 * manager if one statement depends on the result of another.
 */
export interface TransactionRunner {
  readonly pipelines: PipelineRunner;
  /** Most connections of the pool. */
  readonly connectionsMax: number;
  /** An entity manager that applies `settings` after its BEGIN. */
  fork(settings: SessionSettings): EntityManager;
  readonly settingsForm: SettingsForm;
  readonly retries: RetryBudget;
}

/** Runs `work` with a new entity manager in a transaction that applies `settings` first. */
export async function runTransaction<Result>(
  runner: TransactionRunner,
  settings: SessionSettings,
  work: (em: EntityManager) => Promise<Result>,
): Promise<Result> {
  let isCommitting = false;
  const steps = async (em: EntityManager) => {
    if (runner.settingsForm === 'statements') await em.execute(toSettingsSql(settings));
    const result = await work(em);
    await em.flush();
    isCommitting = true;
    return result;
  };
  try {
    return await withStatementLimit(settings.statementTimeoutMs, () =>
      runner.fork(settings).transactional(steps, { ...transactionOptions, readOnly: settings.readOnly }),
    );
  } catch (error) {
    const isWrite = isDriverError(error) && 'code' in error && error.code === '25006';
    if (isWrite && settings.readOnly) throw new ReadOnlyWorkError({ cause: error });
    const named = toScopeError(error);
    // The error of other code, also of another database.
    if (named === error) throw error;
    // Before COMMIT is sent, nothing of the transaction can have been applied.
    if (isCommitting || !(named instanceof DatabaseUnavailableError)) throw named;
    throw new DatabaseUnavailableError({ cause: named.cause ?? named, isRetryable: true });
  }
}

/** Converts the error of an abandoned operation to AbortedError. */
export function toScopeError(error: unknown): unknown {
  const named = toNamedError(error);
  const isEnded = named instanceof StatementTimeoutError || named instanceof DatabaseUnavailableError;
  return isEnded && findEnd(currentOperation()) === 'abandoned' ? new AbortedError({ cause: error }) : named;
}

/** The same for a statement that the scope runs alone. In a read-only scope, it can be a write. */
export function toRunError(error: unknown, { readOnly }: { readOnly: boolean }): unknown {
  const named = toScopeError(error);
  const cause = readOnly && named instanceof DatabaseUnavailableError ? named.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === '25006' ? new ReadOnlyWorkError({ cause }) : named;
}

/**
 * Converts the error of a write whose user's row was deleted during the transaction. The retry creates the row again, or finds
 * that the user was erased.
 */
export function toWriteError<Thrown>(error: Thrown): Thrown | DatabaseUnavailableError {
  const cause = error instanceof InvalidValueError ? error.cause : error;
  return isMissingOwner(cause) ? new DatabaseUnavailableError({ cause, isRetryable: true }) : error;
}
