import { exportTasksStatement } from '../changes/copy-statements.ts';
import type { Statement } from '../scope/prepared-statement.ts';
import { eraseListsStatement, eraseTasksStatement } from './erase-records.ts';
import { importDataStatement, logImportStatement } from './import-statement.ts';

/** All statements on all data of a user. */
export const userDataStatements: readonly Pick<Statement<never>, 'name' | 'text'>[] = [
  exportTasksStatement,
  importDataStatement,
  logImportStatement,
  eraseTasksStatement,
  eraseListsStatement,
];
