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

/** Creates two users with tasks of all kinds, and one row in each table of the sign-in. */
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
  await sql.query(`
insert into auth."user" (id, name, email, "emailVerified", image, "createdAt") values
  ('${alice}', 'Ada', 'ada@example.com', true, null, '2026-01-01 00:00:00.123456Z');
insert into auth.session ("expiresAt", token, "updatedAt", "userId") values (now(), 'token', now(), '${alice}');
insert into auth.account ("accountId", "providerId", "userId", password, "updatedAt") values ('1', 'credential', '${alice}', 'hash', now());
insert into auth.verification (identifier, value, "expiresAt") values ('identifier', 'value', now());
insert into auth.jwks ("publicKey", "privateKey", "createdAt") values ('{"kty":"OKP"}', '"sealed\\key"', now());
insert into auth.erased_users (id) values ('${erased}');
insert into auth.issuer (issuer, subjects) values ('built-in', 'uuids')`);
}

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
