/**
 * Why a backup could not be taken, proven or brought back.
 * - `NOT_A_BACKUP`: the file is something else, or of a format that this version does not know.
 * - `BACKUP_DAMAGED`: the file was cut short or changed since it was written.
 * - `BACKUP_TOO_NEW`: it was made by a newer version, with migrations that this one lacks.
 * - `BACKUP_EXISTS`: there is already a file by that name.
 * - `BACKUP_UNREADABLE`, `BACKUP_NOT_WRITTEN`: the file system refused.
 * - `UNKNOWN_TABLES`, `MISSING_TABLES`: the database is not what its list of migrations says.
 * - `TABLE_CHANGED`: a table has other columns than its migrations make.
 * - `READ_REPLICA`: a consistent snapshot can only be had from the primary.
 * - `ROWS_HIDDEN`: the database user would not be shown every row.
 * - `TARGET_NOT_EMPTY`: the database to restore into holds something already.
 * - `TARGET_NOT_UTF8`: the database to restore into keeps texts in another encoding.
 * - `TARGET_BEHIND`: the living database lacks migrations.
 * - `RESTORE_DIFFERS`: what the database holds after the restore is not what the backup holds.
 * - `SCRATCH_REFUSED`: the server to verify on lets this user make no database.
 * - `SCRATCH_LEFT`: it does not let the database be removed that was made to verify in.
 * - `OUTCOME_UNKNOWN`: the connection was lost during the commit, which has happened or not.
 * - `USER_NOT_FOUND`, `USER_AMBIGUOUS`: the backup has no such user, or several.
 * - `METRICS_NOT_WRITTEN`: the backup is there and proven, but Prometheus does not learn of it.
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
  | 'READ_REPLICA'
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
  | 'METRICS_NOT_WRITTEN';

/** A backup cannot be taken, proven or brought back. The message is for people: what is wrong, and what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: BackupErrorCode;

  constructor(code: BackupErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The file is not as it was written; `what` is the sentence that names where. */
export function toDamage(what: string, options?: ErrorOptions): BackupError {
  return new BackupError(
    'BACKUP_DAMAGED',
    `The backup is damaged and nothing of it was used: ${what}. Take another copy of it, or another backup.`,
    options,
  );
}
