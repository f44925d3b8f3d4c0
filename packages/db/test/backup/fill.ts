import type { Client } from 'pg';

// Test data for backups, in a separate file because a program that is not a test uses it too.

const alice = '0190a000-0000-7000-8000-00000000000a';
const bob = '0190a000-0000-7000-8000-00000000000b';
const erased = '0190a000-0000-7000-8000-00000000000e';

/** Texts that a format without correct escaping would change. */
export const texts = [
  'plain',
  ' ',
  'line\nbreak\r\nand\ttab',
  String.raw`back\slash \N \. \n`,
  '\u{1F600} \u{10FFFF} é e\u0301 \u202Eright to left',
  '\u0001\b\f\v\u007F\u0085\u2028',
  `quotes ' " \` $$ ; -- /* */ %s`,
  'x'.repeat(10_000),
];

/** Creates two users with lists and tasks of all kinds, and one row in each table of the sign-in. */
export async function fill(sql: Client): Promise<void> {
  await asTools(
    sql,
    `insert into users (id, email, name, created_at) values
      ($1, 'alice@example.com', null, '2026-01-02 03:04:05.678Z'), ($2, null, E'B\\\\o\\tb', '1969-12-31 23:59:59.999Z')`,
    [alice, bob],
  );
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, description, completed, completed_at, created_at, updated_at, version)
    select owner, md5(owner::text || number)::uuid, case when text ~ '\\S' then left(text, 500) else 'blank' end, nullif(text, 'plain'),
      number % 2 = 0, case when number % 2 = 0 then '2026-05-05 05:05:05.05Z'::timestamptz end,
      '0001-01-01 00:00:00Z', '9999-12-31 23:59:59.999Z', number * 1000
    from unnest($1::text[]) with ordinality as texts (text, number), unnest($2::uuid[]) as owners (owner)`,
    [texts, [alice, bob]],
  );
  for (const statement of planning) await asTools(sql, statement, [[alice, bob]]);
  await sql.query(`
insert into auth."user" (id, name, email, "emailVerified", image, "createdAt", "twoFactorEnabled") values
  ('${alice}', 'Ada', 'ada@example.com', true, null, '2026-01-01 00:00:00.123456Z', true);
insert into auth.session ("expiresAt", token, "updatedAt", "userId") values (now(), 'token', now(), '${alice}');
insert into auth.api_tokens (user_id, name, scope, hash, expires_at) values ('${alice}', 'Script', 'read', repeat('h', 43), now());
insert into auth.two_factors (user_id, secret, backup_codes, is_verified, failed_count, locked_until)
  values ('${alice}', 'sealed secret', 'sealed codes', true, 10, '2026-01-01 00:00:00.123Z');
insert into auth.account ("accountId", "providerId", "userId", password, "updatedAt") values ('1', 'credential', '${alice}', 'hash', now());
insert into auth.verification (identifier, value, "expiresAt") values ('identifier', 'value', now());
insert into auth.jwks ("publicKey", "privateKey", "createdAt") values ('{"kty":"OKP"}', '"sealed\\key"', now());
insert into auth.erased_users (id) values ('${erased}');
insert into auth.issuer (issuer, subjects) values ('built-in', 'uuids')`);
}

/** Lists, due dates of each kind, labels, the trash and the log of the users `$1`. */
const planning = [
  String.raw`
insert into lists (user_id, id, name, color, position, archived_at, deleted_at, created_at, updated_at, version, revision)
select owner, md5(owner || name)::uuid, name, color, position, archived_at, deleted_at, '2026-01-01Z', '2026-01-02Z', 2, 3
from unnest($1::uuid[]) as owner, (values
  ('Home', null, 'a0', null::timestamptz, null::timestamptz),
  (E'tab	and \N', '#ff8800', 'Zz', '2026-02-02Z', null),
  ('in the trash 🗑', 'red', repeat('z', 200), null, '9999-12-31 23:59:59.999Z')
) as lists (name, color, position, archived_at, deleted_at)`,
  String.raw`
insert into tasks (user_id, id, title, list_id, due_date, due_time, due_time_zone, priority, labels, position, deleted_at,
  search, is_folded, revision, created_at, updated_at)
select owner, md5(owner || title)::uuid, title, case when list is not null then md5(owner || list)::uuid end, due_date, due_time,
  zone, number % 4, labels, 'a' || number, deleted_at, lower(title), true, number, '2026-01-01Z', '2026-01-02Z'
from unnest($1::uuid[]) as owner, (values
  (1, 'due on a date', 'Home', date '2024-02-29', null::time, null, '{}'::text[], null::timestamptz),
  (2, 'due at a local time', 'Home', '0001-01-01', '00:00', null, array['one'], null),
  (3, 'due in a zone', E'tab	and \N', '2026-10-25', '02:30', 'Europe/Berlin',
    array['a,b', '{c}', '"d"', E'\e', 'NULL', ' f ', '😀'], null),
  (4, 'due at the end of time', null, '9999-12-31', '23:59', 'Pacific/Kiritimati', '{}', null),
  (5, 'in the trash', 'in the trash 🗑', null, null, null, array_fill('x'::text, array[20]), '2026-03-03Z')
) as tasks (number, title, list, due_date, due_time, zone, labels, deleted_at)`,
  'update users set revision = 6, time_zone = $$America/Argentina/Buenos_Aires$$ where id = any ($1)',
  `insert into changes (user_id, revision, operation_id, request_hash, at, task_ids, list_ids)
  select users.id, number, case when number > 3 then md5(users.id::text || number)::uuid end,
    case when number > 3 then -9223372036854775808 end, '2026-01-02Z', array(select id from tasks where user_id = users.id limit number),
    array(select id from lists where user_id = users.id limit number - 1)
  from users, generate_series(2, 6) as number where users.id = any ($1)`,
  `insert into calendar_feeds (user_id, hash) select owner, rpad(owner::text, 43, 'h') from unnest($1::uuid[]) as owner`,
];

/** Creates this number of tasks of one kilobyte each. */
export async function fillWithMany(sql: Client, tasks: number): Promise<void> {
  await asTools(sql, 'insert into users (id) values ($1) on conflict do nothing', [alice]);
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, description)
    select $1, gen_random_uuid(), 'Task ' || number, (select string_agg(md5(number::text || part), '') from generate_series(1, 30) as part)
    from generate_series(1, $2) as number`,
    [alice, tasks],
  );
}

async function asTools(sql: Client, text: string, values: unknown[]): Promise<void> {
  await sql.query('begin; set local role holdfast_tools');
  await sql.query(text, values);
  await sql.query('commit');
}
