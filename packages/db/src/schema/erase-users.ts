import { toolsRole } from './roles.ts';

/**
 * Calls lock the user before the account, so the order is the same here. The mark of the ID ends all access, and blocks the ID, also
 * if the user has neither an account nor a row.
 */
const statements = [
  `select set_config('role', '${toolsRole}', true)`,
  'delete from public.users where id = any ($1::uuid[]) returning id',
  `select set_config('role', 'none', true)`,
  // From here on, no one can create a link for the account.
  'select from auth."user" where id = any ($1::uuid[]) for update',
  `
delete from auth.verification
where exists (select from unnest($1::uuid[]) as erased (id) where strpos(identifier || ' ' || value, erased.id::text) > 0)
  or (select array_agg(email) from auth."user" where id = any ($1::uuid[])) && array[identifier, value]`,
  `
delete from auth.rate_limits
where exists (select from unnest($1::uuid[]) as erased (id) where strpos(key, erased.id::text) > 0)`,
  'delete from auth."user" where id = any ($1::uuid[]) returning id',
];

/**
 * The trigger of an account has marked its ID as the owner of the table. On a Citus cluster, another login would wait for that row, and
 * so for itself.
 */
const findUnmarked = `
select id from unnest($1::uuid[]) as erased (id) where not exists (select from auth.erased_users where erased_users.id = erased.id)`;
const mark = 'insert into auth.erased_users (id) select unnest($1::uuid[]) on conflict (id) do nothing';

/**
 * Removes users and everything that belongs to them in all tables. Of each user, only the ID remains, in `auth.erased_users`.
 *
 * @param run Runs a statement in one transaction of a login with rights on the schema auth.
 * @returns The number of users who had an account or a row.
 */
export async function eraseUsers(
  run: (text: string, values: string[]) => Promise<{ rows: { id?: string }[] }>,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0;
  const removed = new Set<string>();
  for (const text of statements) {
    const { rows } = await run(text, text.includes('$1') ? [`{${ids.join()}}`] : []);
    for (const { id } of rows) if (id !== undefined) removed.add(id);
  }
  const unmarked = (await run(findUnmarked, [`{${ids.join()}}`])).rows.map(({ id }) => id);
  if (unmarked.length > 0) await run(mark, [`{${unmarked.join()}}`]);
  return removed.size;
}
