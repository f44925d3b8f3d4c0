import { openPgBouncer } from '@holdfast/db/testing';
import { afterAll, expect, inject, test } from 'vitest';
import { me, openDatabaseUrl, openServer, password, post, signUp } from './fixture.ts';

const pooler = await openPgBouncer({ url: inject('testServer').url, poolSize: 2 });
afterAll(() => pooler.stop());
// All users share two connections here, so waits are long on a slow machine.
const { url } = await openServer({
  DATABASE_URL: pooler.toUrl(await openDatabaseUrl()),
  DATABASE_CONNECT_TIMEOUT_MS: '60000',
  DATABASE_POOL_WAIT_MS: '60000',
  DATABASE_STATEMENT_TIMEOUT_MS: '60000',
  REQUEST_TIMEOUT_MS: '60000',
});

test('sign-in, tokens and tasks work through a pooler in transaction mode', async () => {
  const people = await Promise.all(
    Array.from({ length: 8 }, async (_, number) => {
      const email = `ada-${number}@example.org`;
      const { id, session, jwt } = await signUp(url, email);
      const bearers = [session, jwt].map((token) => ({ authorization: `Bearer ${token}` }));
      for (const bearer of bearers) {
        expect(await me(url, bearer)).toMatchObject({ status: 200, body: { id, email } });
        expect((await post(`${url}/trpc/task.create`, { title: email }, bearer)).status).toBe(200);
      }
      const list = await fetch(`${url}/trpc/task.list`, { headers: bearers[1]! });
      const { result } = (await list.json()) as { result: { data: { items: { title: string }[] } } };
      expect(result.data.items.map(({ title }) => title)).toEqual([email, email]);
      return id;
    }),
  );
  expect(new Set(people).size).toBe(8);
  const signIn = await post(`${url}/api/auth/sign-in/email`, { email: 'ada-0@example.org', password });
  expect(signIn.status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});
