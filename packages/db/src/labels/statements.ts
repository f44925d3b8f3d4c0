import type { Statement } from '../scope/prepared-statement.ts';
import { listLabelsStatement } from './list-labels.ts';
import { logRenamedLabelStatement, renameLabelStatement } from './rename-label.ts';

/** All statements on labels. */
export const labelStatements: readonly Pick<Statement<never>, 'name' | 'text'>[] = [
  listLabelsStatement,
  renameLabelStatement,
  logRenamedLabelStatement,
];
