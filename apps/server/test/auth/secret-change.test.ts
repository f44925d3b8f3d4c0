import { openAuthStore } from '@holdfast/db';
import { expect, onTestFinished, test } from 'vitest';
import { me, openDatabaseUrl, password, signUp } from '../fixture.ts';
import { end, makeDataDir, startServer } from '../running-server.ts';

const databaseUrl = await openDatabaseUrl();
const env = { DATABASE_URL: databaseUrl, HOLDFAST_DATA_DIR: await makeDataDir(), PUBLIC_URL: 'http://tasks.localhost' };
const [before, after] = ['one secret of thirty-two letters', 'another secret, as long as that.'];

async function start(secret: string) {
  const server = await startServer({ ...env, AUTH_SECRET: secret });
  onTestFinished(async () => void (await end(server.process, 'SIGKILL')));
  return server;
}

function signIn(base: string): Promise<Response> {
  return fetch(`${base}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.org', password }),
  });
}

async function deleteKeys(): Promise<void> {
  const store = openAuthStore({ url: databaseUrl });
  await store.kysely.deleteFrom('jwks').execute();
  await store.close();
}

// Proves the section on secrets of docs/operations.md.
test('with another AUTH_SECRET, the server does not start until auth.jwks is empty, then session tokens stay valid', async () => {
  const first = await start(before);
  const ada = await signUp(first.base, 'ada@example.org');
  const { token: session } = (await (await signIn(first.base)).json()) as { token: string };
  const bearer = { authorization: `Bearer ${session}` };
  const requestToken = async (base: string) => (await fetch(`${base}/api/auth/token`, { headers: bearer })).status;
  expect(await requestToken(first.base)).toBe(200);
  await end(first.process, 'SIGTERM');

  await expect(start(after)).rejects.toThrow(
    'AUTH_SECRET does not match the keys in auth.jwks. Set the former secret, or follow "Secrets" in docs/operations.md.',
  );
  const second = await start(before);
  expect(await requestToken(second.base)).toBe(200);
  await end(second.process, 'SIGTERM');

  await deleteKeys();
  const third = await start(after);
  expect(await requestToken(third.base)).toBe(200);
  expect((await me(third.base, bearer)).status).toBe(200);
  expect((await me(third.base, { cookie: ada.cookie })).status).toBe(401);
  expect((await me(third.base, { authorization: `Bearer ${ada.jwt}` })).status).toBe(401);
  expect((await signIn(third.base)).status).toBe(200);
});
