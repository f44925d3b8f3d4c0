import { changeDefaults } from '@holdfast/db/testing';
import { expect, inject, test } from 'vitest';
import { me, openDatabaseUrl, openServer, password, post, signUp } from './fixture.ts';

const databaseUrl = await openDatabaseUrl();
await changeDefaults(databaseUrl, inject('testServer'));
const { url } = await openServer({ DATABASE_URL: databaseUrl, RATE_LIMIT_STORE: 'postgresql' });

test('sign-in, sessions and calls do not depend on the defaults of the database and the role', async () => {
  const { id, session, cookie, jwt } = await signUp(url, 'ada@example.org');
  const signedIn = await post(`${url}/api/auth/sign-in/email`, { email: 'ada@example.org', password });
  expect(signedIn.status).toBe(200);
  for (const headers of [{ authorization: `Bearer ${jwt}` }, { authorization: `Bearer ${session}` }, { cookie }]) {
    expect(await me(url, headers)).toMatchObject({ status: 200, body: { id, email: 'ada@example.org' } });
  }
  const created = await post(`${url}/trpc/task.create`, { title: 'x' }, { authorization: `Bearer ${jwt}` });
  expect(created.status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});
