import type { Statement } from '../scope/prepared-statement.ts';
import { copyListsStatement, copyTasksStatement } from './copy-statements.ts';
import { readFeedStatement, readQuickFeedStatement } from './feed-statements.ts';

/** All statements that read changes. */
export const changesStatements: readonly Pick<Statement<never>, 'name' | 'text'>[] = [
  readQuickFeedStatement,
  readFeedStatement,
  copyTasksStatement,
  copyListsStatement,
];
