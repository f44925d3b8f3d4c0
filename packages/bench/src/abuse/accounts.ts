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

/** Adds 208 tasks with the largest possible descriptions: 8 MB. Returns the ID of one of them. */
export async function addLargeTasks(client: Client, userId: string): Promise<string> {
  await client.query('insert into public.users (id, email, name) values ($1, null, null) on conflict do nothing', [
    userId,
  ]);
  const { rows } = await client.query<{ id: string }>(
    `insert into public.tasks (user_id, id, title, description, completed, created_at, updated_at)
     select $1, gen_random_uuid(), 'Large task ' || n, repeat('😀', 10000), false, now(), now()
     from generate_series(1, 208) as n returning id`,
    [userId],
  );
  return rows[0]!.id;
}

/** Adds 60 tasks whose descriptions take six times as much in JSON as in the database. */
export async function addEscapedTasks(client: Client, userId: string): Promise<void> {
  await client.query('insert into public.users (id, email, name) values ($1, null, null) on conflict do nothing', [
    userId,
  ]);
  await client.query(
    `insert into public.tasks (user_id, id, title, description, completed, created_at, updated_at)
     select $1, gen_random_uuid(), 'Task ' || n, repeat(chr(1), 10000), false, now(), now()
     from generate_series(1, 60) as n`,
    [userId],
  );
}

/** Adds 10,000 small tasks with the label `one`. */
export async function addLabelledTasks(client: Client, userId: string): Promise<void> {
  await client.query('insert into public.users (id, email, name) values ($1, null, null) on conflict do nothing', [
    userId,
  ]);
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
