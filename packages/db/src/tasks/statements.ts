import type { Statement } from '../scope/prepared-statement.ts';
import { lockUserStatement } from '../writes/lock.ts';
import { logOperationStatement, logTaskStatement } from '../writes/log.ts';
import { countTasksStatement } from './count-tasks.ts';
import { createTaskStatement, getCreatedTaskStatement } from './create-task.ts';
import { getTasksStatement, getTaskStatement } from './get-task.ts';
import { listStatements } from './list-tasks.ts';
import { createTasksStatement } from './many-create.ts';
import { deleteTasksStatement } from './many-delete.ts';
import { logTasksStatement } from './many-rows.ts';
import { logTasksUpdateStatement, updateTasksStatement } from './many-update.ts';
import { logReorderStatement, reorderStatements } from './reorder.ts';
import { deleteTaskStatement, updateTaskStatement } from './update-task.ts';

/** All statements on tasks. */
export const taskStatements: readonly Pick<Statement<never>, 'name' | 'text'>[] = [
  lockUserStatement,
  createTaskStatement,
  getCreatedTaskStatement,
  getTaskStatement,
  getTasksStatement,
  ...[...listStatements.values()].flat(),
  countTasksStatement,
  updateTaskStatement,
  deleteTaskStatement,
  logTaskStatement,
  logOperationStatement,
  createTasksStatement,
  updateTasksStatement,
  deleteTasksStatement,
  ...Object.values(reorderStatements),
  logTasksStatement,
  logTasksUpdateStatement,
  logReorderStatement,
];
