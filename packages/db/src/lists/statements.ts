import type { Statement } from '../scope/prepared-statement.ts';
import { createListStatement } from './create-list.ts';
import { deleteListStatement } from './delete-list.ts';
import { listListsStatement } from './list-lists.ts';
import {
  logCreatedListStatement,
  logDeletedListStatement,
  logMovedListStatement,
  logRestoredListStatement,
  logUpdatedListStatement,
} from './log.ts';
import { restoreListStatement } from './restore-list.ts';
import { updateListStatement } from './update-list.ts';

/** All statements on lists. */
export const statementsOfLists: readonly Pick<Statement<never>, 'name' | 'text'>[] = [
  createListStatement,
  listListsStatement,
  updateListStatement,
  deleteListStatement,
  restoreListStatement,
  logCreatedListStatement,
  logUpdatedListStatement,
  logDeletedListStatement,
  logMovedListStatement,
  logRestoredListStatement,
];
