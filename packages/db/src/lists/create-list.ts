import { sql } from 'kysely';
import { createIdAndTime } from '../records/new-id.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { findPrior, hasNoPrior } from '../writes/conditions.ts';
import { hashRequest } from '../writes/request-hash.ts';
import { runWrite } from '../writes/run-write.ts';
import { hasRoom } from './conditions.ts';
import { ListConflictError, ListNotFoundError, TooManyListsError } from './errors.ts';
import { logCreatedListStatement } from './log.ts';
import {
  hasListValues,
  listColumns,
  type ListRecord,
  type ListValues,
  type NewListValues,
  toList,
  withInitialListValues,
  writableListColumns,
} from './record.ts';
import type { ListKey } from './result.ts';

export type NewList = NewListValues & {
  /** UUID. Default: a new UUIDv7. */
  id?: string | undefined;
};

interface CreateArgs extends ListKey, ListValues {
  createdAt: string;
}

const isNotCreated = sql<boolean>`not exists (select id from created)`;
const priorHash = sql<bigint | null>`(select request_hash from prior)`.as('prior_hash');

/**
 * Returns one row: the list with this ID, or nulls. Further columns: the hash of the call that has used the ID before, whether
 * the list is in the trash, and whether it was created now.
 */
export const createListStatement = createStatement<CreateArgs>(
  'list_create',
  (db, { value }) => {
    const [userId, id] = [value('userId'), value('id')];
    return (
      db
        .with('prior', (query) => findPrior(query, userId, id))
        .with('created', (query) =>
          query
            .insertInto('lists')
            .columns([...writableListColumns, 'user_id', 'id', 'created_at', 'updated_at', 'revision'])
            .expression((from) =>
              from
                .selectFrom('users')
                .select([
                  ...writableListColumns.map((column) => sql`${value(column)}::text`.as(column)),
                  'users.id as user_id',
                  sql`${id}::uuid`.as('id'),
                  sql`${value('createdAt')}::timestamptz`.as('created_at'),
                  sql`${value('createdAt')}::timestamptz`.as('updated_at'),
                  'users.revision',
                ])
                .where('users.id', '=', userId)
                .where(hasRoom(userId))
                .where(hasNoPrior),
            )
            .onConflict((conflict) => conflict.columns(['user_id', 'id']).doNothing())
            .returning(listColumns),
        )
        .selectFrom('lists')
        .where('lists.user_id', '=', userId)
        .where('lists.id', '=', id)
        .where(isNotCreated)
        .select(listColumns)
        .select([
          priorHash,
          sql<boolean>`lists.deleted_at is not null`.as('is_in_trash'),
          sql<boolean>`false`.as('is_created'),
        ])
        // Not a left join, which Citus refuses.
        .unionAll((query) =>
          query
            .selectFrom(sql<{ one: number }>`(select 1 as one)`.as('always'))
            .select(listColumns.map((column) => sql<never>`null`.as(column)))
            .select([priorHash, sql<boolean>`false`.as('is_in_trash'), sql<boolean>`false`.as('is_created')])
            .where(isNotCreated)
            .where(
              sql<boolean>`not exists (select id from public.lists where user_id = ${userId}::uuid and id = ${id}::uuid)`,
            ),
        )
        .unionAll((query) =>
          query
            .selectFrom('created')
            .select(listColumns)
            .select([
              sql<bigint | null>`null::bigint`.as('prior_hash'),
              sql<boolean>`false`.as('is_in_trash'),
              sql<boolean>`true`.as('is_created'),
            ]),
        )
    );
  },
  { isIdempotent: true },
);

/**
 * Creates a list. If the user has created a list with the given id and the same input before, returns that list as it is now
 * and creates nothing, so the call can be repeated safely.
 *
 * @throws ListConflictError if the input differs.
 * @throws ListNotFoundError if the list was created before, and is in the trash or purged.
 * @throws TooManyListsError
 */
export async function createList(scope: UserScope, input: NewList): Promise<ListRecord> {
  const { userId } = scope;
  const { id: newId, createdAt } = createIdAndTime();
  const { id = newId, ...given } = input;
  const values = withInitialListValues(given);
  const content = { ...values, position: given.position };
  const requestHash = hashRequest('list.create', content);
  const [row] = await runWrite(
    scope,
    { statement: createListStatement, args: { ...values, userId, id, createdAt } },
    { statement: logCreatedListStatement, args: { userId, id, operationId: id, requestHash } },
  );
  const list = row![0] === null ? null : toList(row!);
  const [priorHash, isInTrash, isCreated] = row!.slice(listColumns.length);
  if (list !== null && isCreated === 't') return list;
  if (list === null && priorHash === null) throw new TooManyListsError();
  const current = isInTrash === 't' ? null : list;
  // Without a log row, which the log loses after 90 days, the content decides.
  const isSame = priorHash === null ? hasListValues(list!, content) : priorHash === requestHash;
  if (!isSame) throw new ListConflictError('Another list has this ID. Use a new ID.', current);
  if (current === null) throw new ListNotFoundError(null);
  return current;
}
