import { toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import { bind, type RunStatements } from './batch-reads.ts';
import { createStatement } from './prepared-statement.ts';
import type { SessionSettings } from './session-settings.ts';
import type { TransactionRunner } from './transaction.ts';

/** How old the data of a read may be. */
export interface LagLimits {
  /** Milliseconds, up to the limit of the database handle, which is the default. */
  maxLagMs?: number | undefined;
  /** A revision of the user that the data must contain, such as that of the user's last write. Default: any. */
  minRevision?: number | undefined;
}

/** A replica for the reads of one scope. */
export interface ReplicaReads {
  readonly runner: TransactionRunner;
  readonly minRevision?: number | undefined;
  /** Whether the replica is known to lag no more than the scope permits. */
  isFresh(): boolean;
}

/** Runs before reads that must contain a revision. */
export const revisionStatement = createStatement<{ userId: string }>('user_revision', (db, { value }) =>
  db.selectFrom('users').select('revision').where('id', '=', value('userId')),
);

/** Reads from the replica. Falls back to the primary if the replica is too old, unavailable or cancels the read. */
export function preferReplica(
  { runner, minRevision, isFresh }: ReplicaReads,
  settings: SessionSettings,
  onPrimary: RunStatements,
): RunStatements {
  const args = { userId: settings.userId! };

  const onReplica: RunStatements = async (statements) => {
    if (minRevision === undefined) return runner.pipelines.run({ settings, statements });
    const check = bind({ statement: revisionStatement, args, operation: statements[0]!.operation });
    const [revisions, ...results] = await runner.pipelines.run({ settings, statements: [check, ...statements] });
    return Number(revisions![0]?.[0] ?? 0) >= minRevision ? results : onPrimary(statements);
  };

  return async (statements) => {
    if (!isFresh()) return onPrimary(statements);
    try {
      return await onReplica(statements);
    } catch (error) {
      if (toNamedError(error) instanceof DatabaseUnavailableError) return onPrimary(statements);
      throw error;
    }
  };
}
