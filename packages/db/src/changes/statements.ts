import type { Statement } from '../scope/prepared-statement.ts';
import { copyListsStatement, copyTasksStatement } from './copy-statements.ts';
import { readFeedStatement } from './feed-statement.ts';

/** All statements on the log of changes that only read. */
export const changesStatements: readonly Pick<Statement<never>, 'name' | 'text'>[] = [
  readFeedStatement,
  copyTasksStatement,
  copyListsStatement,
];
