import type { Statement } from '../scope/prepared-statement.ts';
import { listTrashBoundedStatement, listTrashStatement } from './list-trash.ts';
import { logPurgeByIdStatement, logPurgeByTimeStatement, purgeTasksStatement } from './purge-tasks.ts';
import { logRestoreStatement, restoreTasksStatement } from './restore-tasks.ts';

/** All statements on the trash. */
export const trashStatements: readonly Pick<Statement<never>, 'name' | 'text'>[] = [
  listTrashStatement,
  listTrashBoundedStatement,
  restoreTasksStatement,
  logRestoreStatement,
  logPurgeByIdStatement,
  logPurgeByTimeStatement,
  purgeTasksStatement,
];
