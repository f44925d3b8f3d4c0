import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { me, openDatabaseUrl, signUp } from './fixture.ts';
import { end, makeDataDir, type RunningServer, startServer } from './running-server.ts';

const databaseUrl = await openDatabaseUrl();
const env = { DATABASE_URL: databaseUrl, HOLDFAST_DATA_DIR: await makeDataDir(), PUBLIC_URL: 'http://tasks.localhost' };

/** A server of the test's own, which is gone with the test however that ends. */
async function start(settings: Record<string, string> = {}): Promise<RunningServer> {
  const server = await startServer({ ...env, ...settings });
  onTestFinished(async () => void (await end(server.process, 'SIGKILL')));
  return server;
}

/** What a start with these settings prints before it ends with 1. */
async function failing(settings: Record<string, string>): Promise<string> {
  const message = await start(settings).then(
    () => 'it started',
    (error: Error) => error.message,
  );
  return message.replace('the server ended with 1:\n', '').trim();
}

test('tokens and sessions outlive the process', async () => {
  const first = await start();
  expect((await stat(join(env.HOLDFAST_DATA_DIR, 'auth-secret'))).mode & 0o777).toBe(0o600);
  const ada = await signUp(first.base, 'ada@example.org');
  expect(await end(first.process, 'SIGTERM')).toBe(0);
  const second = await start();
  for (const headers of [{ authorization: `Bearer ${ada.jwt}` }, { cookie: ada.cookie }]) {
    expect(await me(second.base, headers)).toMatchObject({ status: 200, body: { id: ada.id } });
  }
});

test('it ends in order where nobody reads its log any more', async () => {
  const server = await start();
  // Once the sign-in has answered, nothing holds the end up until the last line has been written by itself.
  const ask = request(`${server.base}/api/auth/jwks`, { agent: false }).end();
  const [answer] = (await once(ask, 'response')) as [IncomingMessage];
  await once(answer.resume(), 'end');
  await expect.poll(() => server.output()).toContain('"msg":"request"');
  await once(server.process.stdout!.destroy(), 'close');
  expect(await end(server.process, 'SIGTERM')).toBe(0);
});

test('a second signal ends it at once', async () => {
  const server = await start();
  const running = request(`${server.base}/api/auth/sign-out`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', expect: '100-continue' },
  });
  running.on('error', () => {});
  running.write('x');
  await once(running, 'continue');
  const ended = end(server.process, 'SIGTERM');
  await expect.poll(() => server.output()).toContain('shutting down');
  server.process.kill('SIGINT');
  expect(await ended).toBe(1);
});

test('what is in the way of a start is told in a sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(await failing({ PORT: String(port) })).toBe(
    `Port ${port} on 127.0.0.1 is taken: stop the program that listens there, or set PORT.`,
  );
  expect(await failing({ DATABASE_URL: Object.assign(new URL(databaseUrl), { password: 'wrong' }).href })).toBe(
    'The database does not accept the user or the password in the database URL.',
  );
  expect(await failing({ DATABASE_URL: Object.assign(new URL(databaseUrl), { port: '1' }).href })).toBe(
    'The database cannot be reached at 127.0.0.1:1 (ECONNREFUSED). Check the host and port in the database URL, and that the server runs.',
  );
});

test.skipIf(!existsSync('/proc/self'))('a data folder that cannot be made is told in a sentence', async () => {
  expect(await failing({ HOLDFAST_DATA_DIR: '/proc/holdfast' })).toMatch(
    /^The secret in \/proc\/holdfast\/auth-secret cannot be read or made: ENOENT/,
  );
});

test('wrong settings are told all at once, before anything is written', async () => {
  const dataDir = await makeDataDir();
  const message = await failing({
    HOLDFAST_DATA_DIR: dataDir,
    PORT: 'abc',
    DATABASE_URL: 'postgres://h',
    DATABASE_URL_UNPOOLED: 'postgres://ada:hunter2@db.example.org/tasks?sslmode=disable',
  });
  for (const name of ['PORT', 'DATABASE_URL', 'DATABASE_URL_UNPOOLED']) expect(message).toContain(`  - ${name}: `);
  expect(message).not.toContain('hunter2');
  expect(await readdir(dataDir)).toEqual([]);
});
