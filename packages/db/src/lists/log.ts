import { sql } from 'kysely';
import { hasVersion, isPresent } from '../writes/conditions.ts';
import { createLogStatement } from '../writes/log.ts';
import type { OperationArgs } from '../writes/operation.ts';
import type { ListKey } from './result.ts';

type LogArgs = ListKey & OperationArgs;

/** Without a change, the list is not there, so nothing is remembered. */
const never = () => sql<boolean>`false`;

export const logCreatedListStatement = createLogStatement<LogArgs>('log_list_created', {
  lists: ({ value }) => sql`id = ${value('id')}::uuid`,
  isAccepted: never,
});

/** Also remembers an accepted operation that changed nothing. */
export const logUpdatedListStatement = createLogStatement<LogArgs & { ifVersion: number | undefined }>(
  'log_list_updated',
  {
    lists: ({ value }) => sql`id = ${value('id')}::uuid`,
    isAccepted: ({ value }) => sql`exists (select from public.lists where user_id = ${value('userId')}::uuid
      and id = ${value('id')}::uuid and ${isPresent} and ${hasVersion(value('ifVersion'))})`,
  },
);

/** For a list whose tasks went to the trash with it. They are at the end of the trash, since `changedAt`. */
export const logDeletedListStatement = createLogStatement<LogArgs & { changedAt: string }>('log_list_deleted', {
  lists: ({ value }) => sql`id = ${value('id')}::uuid`,
  tasks: ({ value }) => sql`list_id = ${value('id')}::uuid and deleted_at >= ${value('changedAt')}::timestamptz`,
  isAccepted: never,
});

/** For a list whose tasks moved to another list or the inbox. */
export const logMovedListStatement = createLogStatement<LogArgs>('log_list_moved', {
  lists: ({ value }) => sql`id = ${value('id')}::uuid`,
  tasks: () => sql`deleted_at is null`,
  isAccepted: never,
});

/** Also remembers an operation on a list that is not in the trash. */
export const logRestoredListStatement = createLogStatement<LogArgs>('log_list_restored', {
  lists: ({ value }) => sql`id = ${value('id')}::uuid`,
  tasks: ({ value }) => sql`list_id = ${value('id')}::uuid and deleted_at is null`,
  isAccepted: ({ value }) => sql`exists (select from public.lists where user_id = ${value('userId')}::uuid
    and id = ${value('id')}::uuid and ${isPresent})`,
});
