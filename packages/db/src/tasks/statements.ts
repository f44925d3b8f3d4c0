import type { Statement } from '../scope/prepared-statement.ts';
import { lockUserStatement } from '../writes/lock.ts';
import { logOperationStatement, logTaskStatement } from '../writes/log.ts';
import { createTaskStatement, getCreatedTaskStatement } from './create-task.ts';
import { getTasksStatement, getTaskStatement } from './get-task.ts';
import { createTasksStatement } from './many/many-create.ts';
import { deleteTasksStatement } from './many/many-delete.ts';
import { logTasksStatement } from './many/many-rows.ts';
import { logTasksUpdateStatement, updateTasksStatement } from './many/many-update.ts';
import { logReorderStatement, reorderStatements } from './many/reorder.ts';
import { countTasksStatement } from './queries/count-tasks.ts';
import { listStatements } from './queries/list-tasks.ts';
import { deleteTaskStatement, updateAnyStatement, updateTaskStatement } from './update-task.ts';

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
  updateAnyStatement,
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
