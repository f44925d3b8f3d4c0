import type { Statement } from '../scope/prepared-statement.ts';
import { revisionStatement } from '../scope/replica-reads.ts';
import { getUserStatement, readUserStatement } from './get-user.ts';
import { updateUserStatement } from './update-user.ts';

/** All statements on users. */
export const userStatements: readonly Pick<Statement<never>, 'name' | 'text'>[] = [
  getUserStatement,
  readUserStatement,
  updateUserStatement,
  revisionStatement,
];
