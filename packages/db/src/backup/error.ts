import { dbCommand } from '../installed.ts';

/**
 * Why a backup, verification or restore failed.
 * - `NOT_A_BACKUP`: the file is not a backup, or its format is unknown to this version.
 * - `BACKUP_DAMAGED`: the file was truncated or changed after it was written.
 * - `BACKUP_TOO_NEW`: a newer version made the backup, with migrations that this version lacks.
 * - `BACKUP_EXISTS`: the file to write already exists.
 * - `BACKUP_UNREADABLE`, `BACKUP_NOT_WRITTEN`: the file system returned an error.
 * - `UNKNOWN_TABLES`, `MISSING_TABLES`: the tables of the database do not match its migrations.
 * - `TABLE_CHANGED`: the columns or the key of a table do not match the migrations.
 * - `ROWS_INVALID`: rows of the database break a constraint of the schema, so they cannot be restored.
 * - `READ_REPLICA`: only the primary can provide a consistent snapshot.
 * - `TABLES_DISTRIBUTED`: the nodes of a Citus cluster have no common snapshot, and no common transaction for a restore.
 * - `ROWS_HIDDEN`: the database user cannot read every row.
 * - `TARGET_NOT_EMPTY`: the database to restore into already contains something.
 * - `TARGET_NOT_UTF8`: the database to restore into uses another encoding.
 * - `TARGET_BEHIND`: the live database lacks migrations.
 * - `RESTORE_DIFFERS`: the restored data or schema differs from the backup.
 * - `SCRATCH_REFUSED`: the user of `--server` cannot create the scratch database.
 * - `SCRATCH_LEFT`: the scratch database could not be dropped.
 * - `OUTCOME_UNKNOWN`: the connection was lost during the commit.
 * - `USER_NOT_FOUND`, `USER_AMBIGUOUS`: no user or several users of the backup match.
 * - `ERASED_USERS_UNREADABLE`: the list of deleted users cannot be read.
 * - `METRICS_NOT_WRITTEN`: the backup is verified, but the metrics for Prometheus were not written.
 */
export type BackupErrorCode =
  | 'NOT_A_BACKUP'
  | 'BACKUP_DAMAGED'
  | 'BACKUP_TOO_NEW'
  | 'BACKUP_EXISTS'
  | 'BACKUP_UNREADABLE'
  | 'BACKUP_NOT_WRITTEN'
  | 'UNKNOWN_TABLES'
  | 'MISSING_TABLES'
  | 'TABLE_CHANGED'
  | 'ROWS_INVALID'
  | 'READ_REPLICA'
  | 'TABLES_DISTRIBUTED'
  | 'ROWS_HIDDEN'
  | 'TARGET_NOT_EMPTY'
  | 'TARGET_NOT_UTF8'
  | 'TARGET_BEHIND'
  | 'RESTORE_DIFFERS'
  | 'SCRATCH_REFUSED'
  | 'SCRATCH_LEFT'
  | 'OUTCOME_UNKNOWN'
  | 'USER_NOT_FOUND'
  | 'USER_AMBIGUOUS'
  | 'ERASED_USERS_UNREADABLE'
  | 'METRICS_NOT_WRITTEN';

/** A backup, verification or restore failed. The message states the problem and the fix, for the operator. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: BackupErrorCode;

  constructor(code: BackupErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** @param problem A clause that names the damaged place. */
export function toDamagedError(problem: string, options?: ErrorOptions): BackupError {
  return new BackupError(
    'BACKUP_DAMAGED',
    `The backup is damaged: ${problem}. Nothing was restored. Use another copy or another backup.`,
    options,
  );
}

/** PostgreSQL rejected rows of a backup. The reader of the backup finds out whether the backup is damaged. */
export class RejectedRowsError extends Error {
  override readonly name = 'RejectedRowsError';
  /** A clause without row values: the name of a constraint is part of the schema. */
  readonly problem: string;

  constructor({ name }: { readonly name: string }, constraint: string | undefined) {
    const problem = `PostgreSQL rejected the rows of ${name}${constraint === undefined ? '' : ` (constraint ${constraint})`}`;
    super(problem);
    this.problem = problem;
  }

  /** The error for a backup whose other parts are all correct. */
  toIntactError(): BackupError {
    return new BackupError(
      'ROWS_INVALID',
      `The backup is intact, but ${this.problem}. The source database lacked this rule: correct its rows, run ${dbCommand} status there, and take another backup.`,
      { cause: this },
    );
  }
}
