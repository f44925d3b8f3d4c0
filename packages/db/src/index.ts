declare global {
  // MikroORM's types refer to this type, which TypeScript has only with the library `esnext`.
  // oxlint-disable-next-line typescript/no-namespace -- Types of globals are declared in a namespace.
  namespace Temporal {
    interface Duration {}
  }
}

export {
  addApiToken,
  type ApiToken,
  type FoundToken,
  listApiTokens,
  type NewToken,
  removeApiToken,
  type TokenScope,
  tokensPerUserMax,
  useApiToken,
} from './stores/api-tokens.ts';
export { type AuthStore, openAuthStore } from './stores/auth-store.ts';
export { type EndedAccess, readEndedAccess } from './stores/ended-access.ts';
export { addLink, addPasswordLink, type NewLink } from './stores/links.ts';
export { endSurplusSessions } from './stores/sessions.ts';
export { claimIssuer, type IssuerClaim, type RecordedIssuer, type Subjects } from './stores/issuer.ts';
export {
  type MaintenanceKind,
  maintenanceKinds,
  type MaintenanceOptions,
  type MaintenanceResult,
  runMaintenance,
} from './maintenance/run-maintenance.ts';
export {
  findTwoFactor,
  type StoredTwoFactor,
  turnOffTwoFactor,
  turnOnTwoFactor,
  unlockTwoFactor,
} from './stores/two-factor.ts';
export { addSigningKey, findSigningKey, type NewSigningKey, type SigningKey } from './stores/signing-keys.ts';
export { assertDatabaseUrl, formatHost } from './connection/client-config.ts';
export { type Database, type DatabaseOptions, openDatabase, type ToolsOptions, type UserOptions } from './database.ts';
export type { LagLimits } from './scope/replica-reads.ts';
export { describeDatabaseFailure } from './connection/describe-failure.ts';
export { toNamedError } from './connection/driver-error.ts';
export type { Tables } from './schema/row-types.ts';
export { Change } from './schema/entities/change.ts';
export { List } from './schema/entities/list.ts';
export { Task } from './schema/entities/task.ts';
export { User } from './schema/entities/user.ts';
export {
  AbortedError,
  AccessRefusedError,
  DatabaseFaultError,
  DatabaseUnavailableError,
  InvalidDatabaseUrlError,
  InvalidValueError,
  /** @deprecated Use RowSecurityError; removed in 0.3. */
  RowSecurityError as MissingWallError,
  RowSecurityError,
  ReadOnlyWorkError,
  StatementTimeoutError,
  UnsupportedDatabaseError,
  UserErasedError,
} from './errors.ts';
export { InvalidCursorError } from './records/cursor.ts';
export { ListConflictError, ListNotFoundError, TooManyListsError } from './lists/errors.ts';
export { LabelLimitError, TaskConflictError, TaskNotFoundError } from './tasks/errors.ts';
export { ForeignNameError } from './users/errors.ts';
export type { ListRecord } from './lists/record.ts';
export type { TaskRecord } from './tasks/record.ts';
export {
  /** @deprecated Use isStorableText; removed in 0.3. */
  isStorableText as isKeepableText,
  isStorableText,
} from './schema/storable-text.ts';
export { migrate } from './schema/migrate.ts';
export { schemaVersion } from './schema/migrations/index.ts';
export type { DatabaseObserver, RetryCause, StatementReport, WorkAcrossUsers } from './connection/observer.ts';
export { type Cost, currentOperation, inOperation, type Operation, type OperationOptions } from '@holdfast/operation';
export type { PoolState } from './connection/pool.ts';
export { openRateLimitStore, type RateLimitStore, rateLimitTable } from './stores/rate-limit-store.ts';
export {
  type CalendarFeed,
  createCalendarFeed,
  type CreatedCalendarFeed,
  findCalendarUser,
  getCalendarFeed,
  revokeCalendarFeed,
} from './calendar/feed.ts';
export { type Calendar, type CalendarTask, readCalendar } from './calendar/read-calendar.ts';
export { findRevision } from './changes/find-revision.ts';
export { type ChangesPage, type ChangesQuery, listChanges } from './changes/list-changes.ts';
export {
  type AllChangesOptions,
  type ChangesOfUser,
  readAllChanges,
  type ToolsAccess,
  type UserRange,
} from './changes/all-users.ts';
export { noteChanges, type NotedChanges } from './changes/note-changes.ts';
export { createTask, type NewTask } from './tasks/create-task.ts';
export type { Due } from './tasks/due.ts';
export { getTask } from './tasks/get-task.ts';
export { countTasks } from './tasks/queries/count-tasks.ts';
export type { DueFilter, TaskFilter } from './tasks/queries/list-filter.ts';
export type { TaskOrder } from './tasks/queries/list-orders.ts';
export { listTasks, type TaskPage, type TaskQuery } from './tasks/queries/list-tasks.ts';
export { createTasks } from './tasks/many/many-create.ts';
export { deleteTasks, type TasksDeletion } from './tasks/many/many-delete.ts';
export { type TasksChange, type UpdatedTasks, updateTasks } from './tasks/many/many-update.ts';
export { type Reordering, reorderTasks } from './tasks/many/reorder.ts';
export { deleteTask, type TaskChange, updateTask } from './tasks/update-task.ts';
export { listTrash, type TrashQuery } from './trash/list-trash.ts';
export { purgeTasks, type TaskPurge } from './trash/purge-tasks.ts';
export { restoreTasks, type TaskRestore } from './trash/restore-tasks.ts';
export { OperationConflictError } from './writes/operation.ts';
export { TooManyTasksError } from './writes/size-limit.ts';
export type { ChangedUser, KnownRevision } from './scope/changed-users.ts';
export { joinBatch, type Profile, type TransactionScope, type UserScope } from './scope/user-scope.ts';
export { type LabelRecord, listLabels } from './labels/list-labels.ts';
export { type LabelRenaming, renameLabel } from './labels/rename-label.ts';
export { createList, type NewList } from './lists/create-list.ts';
export { deleteList, type ListDeletion } from './lists/delete-list.ts';
export { listLists } from './lists/list-lists.ts';
export { type ListRestoration, restoreList } from './lists/restore-list.ts';
export { type ListChange, updateList } from './lists/update-list.ts';
export { eraseRecords } from './user-data/erase-records.ts';
export { eraseUser } from './user-data/erase-user.ts';
export { type ExportedList, exportData, type ExportPage, type ExportQuery } from './user-data/export-data.ts';
export {
  type DataImport,
  importData,
  type ImportedList,
  type ImportedTask,
  type ImportResult,
} from './user-data/import-data.ts';
export { getUser } from './users/get-user.ts';
export type { UserRecord } from './users/record.ts';
export { updateUser, type UserChange } from './users/update-user.ts';
