export { type AuthStore, openAuthStore } from './auth-store.ts';
export { assertDatabaseUrl } from './connection.ts';
export { type Database, type DatabaseOptions, openDatabase, type ToolsOptions, type UserOptions } from './database.ts';
export { describeDatabaseFailure, toNamedError } from './driver-error.ts';
export { Task } from './entities/task.ts';
export { User } from './entities/user.ts';
export {
  AbortedError,
  AccessRefusedError,
  DatabaseFaultError,
  DatabaseUnavailableError,
  InvalidCursorError,
  InvalidDatabaseUrlError,
  InvalidValueError,
  MissingWallError,
  ReadOnlyWorkError,
  StatementTimeoutError,
  TaskConflictError,
  TaskNotFoundError,
} from './errors.ts';
export { isKeepableText } from './keepable-text.ts';
export { migrate } from './migrate.ts';
export { schemaVersion } from './migrations/index.ts';
export type { DatabaseObserver, RetryCause, StatementReport, WorkAcrossUsers } from './observer.ts';
export { type Cost, currentOperation, inOperation, type Operation, type OperationOptions } from './operation.ts';
export type { PoolState } from './pool.ts';
export { openRateLimitStore, type RateLimitStore, rateLimitTable } from './rate-limit-store.ts';
export {
  createTask,
  deleteTask,
  getTask,
  listTasks,
  type NewTask,
  type TaskChange,
  type TaskPage,
  type TaskQuery,
  type TaskRecord,
  updateTask,
} from './tasks.ts';
export type { Statement, Text, TextRow } from './statement.ts';
export type { Profile, TransactionScope, UserScope } from './user-scope.ts';
export { getUser, type UserRecord } from './users.ts';
