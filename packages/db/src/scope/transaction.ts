import { currentOperation, findEnd } from '@holdfast/operation';
import type { EntityManager } from '@mikro-orm/postgresql';
import { toNamedError } from '../connection/driver-error.ts';
import { withStatementLimit } from '../connection/statement-monitor.ts';
import { AbortedError, DatabaseUnavailableError, ReadOnlyWorkError, StatementTimeoutError } from '../errors.ts';
import type { Unit } from './pipeline.ts';
import type { TextRow } from './prepared-statement.ts';
import type { Retries } from './retry.ts';
import type { SessionSettings } from './session-settings.ts';

/**
 * The two ways to open a unit of work on the same pool: whole, where its statements are known beforehand; through an
 * entity manager, where one statement depends on another's answer.
 */
export interface Connections {
  runPipeline(unit: Unit): Promise<TextRow[][]>;
  fork(opening: SessionSettings): EntityManager;
  readonly retries: Retries;
}

/** Runs work on an entity manager of its own, in a transaction that begins with the opening. */
export async function inTransaction<Result>(
  connections: Connections,
  opening: SessionSettings,
  work: (em: EntityManager) => Promise<Result>,
): Promise<Result> {
  let isCommitting = false;
  const steps = async (em: EntityManager) => {
    const result = await work(em);
    await em.flush();
    isCommitting = true;
    return result;
  };
  try {
    return await withStatementLimit(opening.statementTimeoutMs, () =>
      connections.fork(opening).transactional(steps, { readOnly: opening.readOnly }),
    );
  } catch (error) {
    const isWrite = error instanceof Error && 'code' in error && error.code === '25006';
    if (isWrite && opening.readOnly) throw new ReadOnlyWorkError({ cause: error });
    const named = toScopeError(error);
    // Without its commit nothing of a transaction is kept.
    if (isCommitting || !(named instanceof DatabaseUnavailableError)) throw named;
    throw new DatabaseUnavailableError({ cause: named.cause ?? named, isRetryable: true });
  }
}

/** Whatever ended the work of an operation that nobody waits for any longer, that is why. */
export function toScopeError(error: unknown): unknown {
  const named = toNamedError(error);
  const isEnded = named instanceof StatementTimeoutError || named instanceof DatabaseUnavailableError;
  return isEnded && findEnd(currentOperation()) === 'abandoned' ? new AbortedError({ cause: error }) : named;
}
