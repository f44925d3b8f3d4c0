import { type QueryCreator, sql } from 'kysely';
import type { Tables } from '../schema/row-types.ts';
import { userColumns } from './record.ts';

interface Account {
  email: string | null;
  name: string | null;
  created_at: string | null;
}

/**
 * One row: the account of the scope's user in the built-in sign-in, or nulls. The function finds the account by the settings of
 * the transaction.
 */
export function findAccount(query: QueryCreator<Tables>) {
  return query
    .selectFrom(sql<object>`(select)`.as('always'))
    .leftJoin(sql<Account>`public.holdfast_account()`.as('of_user'), (join) => join.onTrue())
    .select(['of_user.email', 'of_user.name', 'of_user.created_at']);
}

/** The columns of a user. The time of the account is the true one; that of the row may be later. */
export const selectedUserColumns = userColumns.map((column) =>
  column === 'created_at'
    ? sql<string>`coalesce((select created_at from account)::timestamptz(3), created_at)`.as(column)
    : column,
);
