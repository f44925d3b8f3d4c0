import { type RawBuilder, sql } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import { toolsRole } from '../schema/roles.ts';
import type { AuthStore } from './auth-store.ts';

/**
 * The statements that remove users for good: their rows in all tables, with accounts and sessions. They mark the IDs as erased,
 * which ends all access and blocks the IDs. Each statement takes the array of IDs as `$1`, or no value. Run them in one
 * transaction, as a login with rights on the schema auth. Calls lock the user before the account, so the order is the same here.
 */
export const eraseUsersSql: readonly { text: string; hasIds: boolean }[] = [
  { text: `select set_config('role', '${toolsRole}', true)`, hasIds: false },
  { text: 'delete from public.users where id = any ($1::uuid[])', hasIds: true },
  { text: `select set_config('role', 'none', true)`, hasIds: false },
  {
    text: `
delete from auth.verification
where exists (select from unnest($1::uuid[]) as erased (id) where strpos(identifier || ' ' || value, erased.id::text) > 0)
  or (select array_agg(email) from auth."user" where id = any ($1::uuid[])) && array[identifier, value]`,
    hasIds: true,
  },
  {
    text: `
delete from auth.rate_limits
where exists (select from unnest($1::uuid[]) as erased (id) where strpos(key, erased.id::text) > 0)`,
    hasIds: true,
  },
  { text: 'delete from auth."user" where id = any ($1::uuid[])', hasIds: true },
  {
    text: `
insert into auth.erased_users (id) select unnest($1::uuid[])
on conflict (id) do nothing`,
    hasIds: true,
  },
];

/** The statement with the value in the place of `$1`. */
function bind(text: string, ids: string): RawBuilder<unknown> {
  return sql.join(
    text.split('$1').map((part) => sql.raw(part)),
    sql`${ids}`,
  );
}

/**
 * Removes a user and everything that belongs to them in all tables, in one transaction. All access ends: session tokens at once,
 * and JWTs after at most 60 seconds. Of the user, only the ID remains, in `auth.erased_users`. For a user with many tasks, call
 * `eraseRecords` first.
 *
 * @throws DatabaseUnavailableError, and AccessRefusedError if the login lacks privileges.
 */
export async function eraseUser({ kysely }: AuthStore, userId: string): Promise<void> {
  try {
    await kysely.transaction().execute(async (transaction) => {
      for (const { text } of eraseUsersSql) await bind(text, `{${userId}}`).execute(transaction);
    });
  } catch (error) {
    throw toNamedError(error);
  }
}
