import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Client } from 'pg';

/** An account of the built-in sign-in. */
export interface Account {
  email: string;
  password: string;
  session: string;
  userId: string;
}

async function fetchJson(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  const body = await text(response.body!);
  if (!response.ok) throw new Error(`${url} returned ${response.status}: ${body}`);
  return JSON.parse(body);
}

/** Signs up an account. */
export async function createAccount(url: string, number: number): Promise<Account> {
  const credentials = { email: `abuse-${number}@example.org`, password: randomBytes(12).toString('hex') };
  const { token, user } = (await fetchJson(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: `User ${number}`, ...credentials }),
  })) as { token: string; user: { id: string } };
  return { ...credentials, session: token, userId: user.id };
}

/** Fetches a token of 15 minutes. */
export async function fetchToken(url: string, { session }: Account): Promise<string> {
  const headers = { authorization: `Bearer ${session}` };
  return ((await fetchJson(`${url}/api/auth/token`, { headers })) as { token: string }).token;
}

/** The server adds a user at the first call. */
async function addUser(client: Client, userId: string): Promise<void> {
  await client.query('insert into public.users (id, email, name) values ($1, null, null) on conflict do nothing', [
    userId,
  ]);
}

/** Adds 208 tasks with the largest possible descriptions: 8 MB. Returns the ID of one of them. */
export async function addLargeTasks(client: Client, userId: string): Promise<string> {
  await addUser(client, userId);
  const { rows } = await client.query<{ id: string }>(
    `insert into public.tasks (user_id, id, title, description, completed, created_at, updated_at)
     select $1, gen_random_uuid(), 'Large task ' || n, repeat('😀', 10000), false, now(), now()
     from generate_series(1, 208) as n returning id`,
    [userId],
  );
  return rows[0]!.id;
}

/** Adds tasks whose descriptions take six times as much in JSON as in the database. */
export async function addEscapedTasks(client: Client, userId: string, count: number): Promise<void> {
  await addUser(client, userId);
  await client.query(
    `insert into public.tasks (user_id, id, title, description, completed, created_at, updated_at)
     select $1, gen_random_uuid(), 'Task ' || n, repeat(chr(1), 10000), false, now(), now()
     from generate_series(1, $2) as n`,
    [userId, count],
  );
}

/** Adds 10,000 small tasks with the label `one`. */
export async function addLabelledTasks(client: Client, userId: string): Promise<void> {
  await addUser(client, userId);
  await client.query(
    `insert into public.tasks (user_id, id, title, completed, labels, created_at, updated_at)
     select $1, gen_random_uuid(), 'Task ' || n, false, '{one}', now(), now() from generate_series(1, 10000) as n`,
    [userId],
  );
}

/** The indexes of the accounts with texts that take long to search in the crowd. */
export const searchedUsers = [5, 6, 7, 8];

/** Adds 3,000 tasks in which each letter is like the next, so that a search for such letters compares each with each. */
export async function addRepetitiveTasks(client: Client, userId: string): Promise<void> {
  await client.query(
    `insert into public.tasks (user_id, id, title, description, completed, created_at, updated_at, search, is_folded)
     select $1, gen_random_uuid(), 'Task ' || n, repeat('a', 10000), false, now() - interval '1 day', now(),
       'task ' || n || E'\n' || repeat('a', 10000) || E'\n', true
     from generate_series(1, 3000) as n`,
    [userId],
  );
}

/** The index of the account with 100,000 tasks in the crowd. */
export const manyTasksUser = 4;

/** Adds 100,000 tasks with dates and labels, and 500 lists. */
export async function addManyTasks(client: Client, userId: string): Promise<void> {
  await client.query(
    `insert into public.lists (user_id, id, name, position)
     select $1, gen_random_uuid(), 'List ' || n, 'a' || lpad(n::text, 4, '0') || '1' from generate_series(1, 500) as n`,
    [userId],
  );
  await client.query(
    `insert into public.tasks (user_id, id, title, description, completed, labels, due_date, position, created_at, updated_at,
       search, is_folded)
     select $1, gen_random_uuid(), 'Task ' || n, 'What there is to say about it.', false, array['label ' || n % 1000],
       case when n % 2 = 0 then date '2026-01-01' + n % 700 end, 'a' || lpad(n::text, 6, '0') || '1',
       now() - n * interval '1 second', now(), 'task ' || n || E'\nwhat there is to say about it.\nlabel ' || n % 1000, true
     from generate_series(1, 100000) as n`,
    [userId],
  );
  await client.query('vacuum analyze public.tasks, public.lists');
}

/** The accounts with data that makes one kind of request large, by their place among the prepared accounts. */
export const preparedUsers = { results: 0, lists: 1, moves: 2, wide: 3, calendar: 4, quotes: 5 } as const;

/** Adds 500 lists with names and colours of control characters. */
async function addLongLists(client: Client, userId: string): Promise<void> {
  await client.query(
    `insert into public.lists (user_id, id, name, color, position)
     select $1, gen_random_uuid(), repeat(chr(1), 199) || 'x', repeat(chr(1), 49) || 'x', 'a' || lpad(n::text, 4, '0') || '1'
     from generate_series(1, 500) as n`,
    [userId],
  );
}

/** Adds a list with 10,000 tasks of two kilobytes that do not compress. */
async function addFullList(client: Client, userId: string): Promise<void> {
  await client.query(
    `with list as (
       insert into public.lists (user_id, id, name, position) values ($1, gen_random_uuid(), 'Full', 'a0') returning id)
     insert into public.tasks (user_id, id, title, description, completed, list_id, created_at, updated_at, search, is_folded)
     select $1, gen_random_uuid(), 'Task ' || n, body, false, list.id, now() - interval '1 day', now() - interval '1 day',
       'task ' || n || E'\n' || body || E'\n', true
     from list cross join generate_series(1, 10000) as n
     cross join lateral (
       select string_agg(md5(n || ' ' || part), '') as body from generate_series(1, 26) as part) as bodies`,
    [userId],
  );
}

/** Adds 60 tasks without a description. */
async function addShortTasks(client: Client, userId: string): Promise<void> {
  await client.query(
    `insert into public.tasks (user_id, id, title, completed, created_at, updated_at, search, is_folded)
     select $1, gen_random_uuid(), 'Task ' || n, false, now(), now(), 'task ' || n || E'\n\n', true
     from generate_series(1, 60) as n`,
    [userId],
  );
}

/** Adds 1,000 open tasks with due dates, whose texts are as long as possible and consist of the given two characters. */
const addDueTasks = (characters: string) => async (client: Client, userId: string) => {
  await client.query(
    `insert into public.tasks (user_id, id, title, description, completed, labels, due_date, created_at, updated_at, search, is_folded)
     select $1, gen_random_uuid(), repeat($2, 249) || 'x', repeat($2, 250), false,
       (select array_agg(repeat($2, 23) || lpad(part::text, 3, '0')) from generate_series(1, 20) as part),
       current_date + n, now(), now(), 'x', true
     from generate_series(1, 1000) as n`,
    [userId, characters],
  );
};

const addResults = (client: Client, userId: string) => addEscapedTasks(client, userId, 190);

/** Fills the accounts of `preparedUsers`, in their order. */
export async function prepareUsers(client: Client, userIds: readonly string[]): Promise<void> {
  const fillers = [
    addResults,
    addLongLists,
    addFullList,
    addShortTasks,
    addDueTasks('\u0001\u0001'),
    addDueTasks('"\\'),
  ];
  for (const [at, fill] of fillers.entries()) {
    await addUser(client, userIds[at]!);
    await fill(client, userIds[at]!);
  }
  await client.query('vacuum analyze public.tasks, public.lists');
}
