import type { Replica } from '@holdfast/client/replica';
import type { History } from '../history.ts';
import { createListActions, type ListActions } from './list-actions.ts';
import { createTaskActions, type TaskActions } from './task-actions.ts';

/** The actions of the user. Each takes effect at once and can be undone. */
export interface Actions extends TaskActions, ListActions {}

export const createActions = (replica: Replica, history: History): Actions => ({
  ...createTaskActions(replica, history),
  ...createListActions(replica, history),
});
