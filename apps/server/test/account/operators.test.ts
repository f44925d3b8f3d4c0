import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { programEnv } from '@holdfast/db/testing';
import { expect, test } from 'vitest';
import { me, openServer, password, post } from '../fixture.ts';
import { bearer, createPeople } from './fixture.ts';

const { url, databaseUrl } = await openServer({ TRUST_PROXY: '1' });
const { ask, canSignIn, join } = createPeople(url);
const cli = fileURLToPath(new URL('../../../../packages/db/src/cli/main.ts', import.meta.url));

/** Runs `pnpm db users` while the server runs, and returns its JSON. */
async function run(...args: string[]): Promise<unknown> {
  const env = { ...programEnv, DATABASE_URL: databaseUrl, PUBLIC_URL: url };
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'users', ...args], { env });
  return JSON.parse(stdout);
}

const statusOf = async (token: string) => (await me(url, bearer(token))).status;

test('with the link of users reset-password, the user sets a new password once, and all former sessions end', async () => {
  const { email, session, jwt } = await join();
  const { link } = (await run('reset-password', email, '--json')) as { link: string };
  expect(link).toMatch(`${url}/reset-password?token=`);
  const token = new URL(link).searchParams.get('token');
  const reset = (newPassword: string) => ask('reset-password', { token, newPassword });
  expect(await canSignIn(email, password)).toBe(true);
  expect(await reset('a new password')).toMatchObject({ status: 200 });
  expect(await reset('another password')).toMatchObject({ status: 400, body: { code: 'INVALID_TOKEN' } });
  expect([await statusOf(session), await statusOf(jwt)]).toEqual([401, 401]);
  expect(await canSignIn(email, password)).toBe(false);
  expect(await canSignIn(email, 'a new password')).toBe(true);
});

test('after users revoke-sessions --tokens and after users delete, a running server refuses the user', async () => {
  const [ada, bob] = [await join(), await join()];
  const created = await ask('create-token', { name: 'x', scope: 'read' }, bearer(ada.session));
  const { token } = created.body as { token: string };
  expect(await run('revoke-sessions', ada.email, '--tokens', '--json')).toEqual({ id: ada.id, sessions: 1, tokens: 1 });
  expect([await statusOf(ada.session), await statusOf(token), await statusOf(bob.session)]).toEqual([401, 401, 200]);
  expect(await canSignIn(ada.email, password)).toBe(true);
  await run('delete', ada.id, '--yes', '--json');
  expect(await canSignIn(ada.email, password)).toBe(false);
  expect(await statusOf(bob.session)).toBe(200);
});

test('users export writes the lists and tasks that user.export returns', async () => {
  const { email, session } = await join();
  const headers = bearer(session);
  const listId = randomUUID();
  await post(`${url}/trpc/list.create`, { id: listId, name: 'Garden' }, headers);
  const due = { date: '2027-06-01', time: '09:30', timeZone: 'Europe/Berlin' };
  await post(`${url}/trpc/task.create`, { title: 'Żółw 🐢', listId, due, labels: ['home'], priority: 2 }, headers);
  const response = await fetch(`${url}/trpc/user.export`, { headers });
  const { result } = (await response.json()) as { result: { data: { lists: unknown[]; tasks: unknown[] } } };
  const { lists, tasks } = result.data;
  expect([lists.length, tasks.length]).toEqual([1, 1]);
  expect(await run('export', email)).toEqual({ lists, tasks });
});
