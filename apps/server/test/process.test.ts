import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { me, openDatabaseUrl, openFaultProxyTo, password, signUp } from './fixture.ts';
import { end, makeDataDir, type RunningServer, startServer } from './running-server.ts';

const databaseUrl = await openDatabaseUrl();
const env = { DATABASE_URL: databaseUrl, HOLDFAST_DATA_DIR: await makeDataDir(), PUBLIC_URL: 'http://tasks.localhost' };

/** Starts a server, and kills it after the test. */
async function start(settings: Record<string, string> = {}): Promise<RunningServer> {
  const server = await startServer({ ...env, ...settings });
  onTestFinished(async () => void (await end(server.process, 'SIGKILL')));
  return server;
}

/** Starts a server that fails, and returns its output. */
async function failToStart(settings: Record<string, string>): Promise<string> {
  const message = await start(settings).then(
    () => 'it started',
    (error: Error) => error.message,
  );
  return message.replace('The server exited with 1:\n', '').trim();
}

test('tokens and sessions stay valid after a restart', async () => {
  const first = await start();
  expect((await stat(join(env.HOLDFAST_DATA_DIR, 'auth-secret'))).mode & 0o777).toBe(0o600);
  const ada = await signUp(first.base, 'ada@example.org');
  expect(await end(first.process, 'SIGTERM')).toBe(0);
  const second = await start();
  for (const headers of [{ authorization: `Bearer ${ada.jwt}` }, { cookie: ada.cookie }]) {
    expect(await me(second.base, headers)).toMatchObject({ status: 200, body: { id: ada.id } });
  }
});

test('the server shuts down gracefully after the reader of its log is gone', async () => {
  const server = await start();
  // After a response of the sign-in, only the log could delay the shutdown.
  const call = request(`${server.base}/api/auth/jwks`, { agent: false }).end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  await expect.poll(() => server.output()).toContain('"msg":"request"');
  await once(server.process.stdout!.destroy(), 'close');
  expect(await end(server.process, 'SIGTERM')).toBe(0);
});

test('a second signal ends the server at once', async () => {
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

test('a port in use and an unusable database URL are reported with one sentence each for problem and fix', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(await failToStart({ PORT: String(port) })).toBe(
    `Port ${port} on 127.0.0.1 is already in use. Stop that program, or change PORT.`,
  );
  expect(await failToStart({ DATABASE_URL: Object.assign(new URL(databaseUrl), { password: 'wrong' }).href })).toBe(
    'The database does not accept the user or the password in the database URL.',
  );
  expect(await failToStart({ DATABASE_URL: Object.assign(new URL(databaseUrl), { port: '1' }).href })).toBe(
    'The database cannot be reached at 127.0.0.1:1 (ECONNREFUSED). Check the host and port in the database URL, and that the server runs.',
  );
});

test.skipIf(!existsSync('/proc/self'))('a data folder that cannot be created is reported in one line', async () => {
  expect(await failToStart({ HOLDFAST_DATA_DIR: '/proc/holdfast' })).toMatch(
    /^The secret in \/proc\/holdfast\/auth-secret cannot be read or created \(ENOENT.*\)\. Change HOLDFAST_DATA_DIR\.$/,
  );
});

test('all invalid settings are reported together, before the server writes a file', async () => {
  const dataDir = await makeDataDir();
  const message = await failToStart({
    HOLDFAST_DATA_DIR: dataDir,
    PORT: 'abc',
    DATABASE_URL: 'postgres://h',
    DATABASE_URL_UNPOOLED: 'postgres://ada:hunter2@db.example.org/tasks?sslmode=disable',
  });
  for (const name of ['PORT', 'DATABASE_URL', 'DATABASE_URL_UNPOOLED']) expect(message).toContain(`  - ${name}: `);
  expect(message).not.toContain('hunter2');
  expect(await readdir(dataDir)).toEqual([]);
});

test('environment variables of libraries change nothing', async () => {
  const evil = 'https://evil.example.org';
  const server = await start({
    BETTER_AUTH_SECRET: 'another secret that the operator did not choose',
    BETTER_AUTH_SECRETS: 'one,two',
    BETTER_AUTH_TRUSTED_ORIGINS: evil,
    BETTER_AUTH_URL: evil,
    NEXT_PUBLIC_BETTER_AUTH_URL: evil,
    BETTER_AUTH_TELEMETRY: '1',
    BETTER_AUTH_TELEMETRY_ENDPOINT: evil,
    MIKRO_ORM_HOST: 'evil.example.org',
    MIKRO_ORM_PORT: '1',
    MIKRO_ORM_DB_NAME: 'none',
    MIKRO_ORM_SCHEMA: 'none',
    MIKRO_ORM_DEBUG: 'true',
    MIKRO_ORM_MIGRATIONS_TABLE_NAME: 'other',
    MIKRO_ORM_ALLOW_GLOBAL_CONTEXT: 'true',
    PGHOST: 'evil.example.org',
    PGPORT: '1',
    PGUSER: 'nobody',
    PGDATABASE: 'none',
    PGSSLMODE: 'require',
    PGOPTIONS: '-c search_path=pg_catalog -c default_transaction_read_only=on',
    PGAPPNAME: 'evil',
    PGCLIENT_ENCODING: 'LATIN1',
    PGCONNECT_TIMEOUT: '1',
  });
  const ada = await signUp(server.base, 'hostile@example.org');
  expect(await me(server.base, { cookie: ada.cookie })).toMatchObject({ status: 200, body: { id: ada.id } });
  const headers = { 'content-type': 'application/json', origin: evil };
  const body = JSON.stringify({ email: 'hostile@example.org', password });
  const signIn = await fetch(`${server.base}/api/auth/sign-in/email`, { method: 'POST', headers, body });
  expect(signIn.status).toBe(403);
  const { payload } = await jwtVerify(ada.jwt, createRemoteJWKSet(new URL(`${server.base}/api/auth/jwks`)));
  expect(payload).toMatchObject({ iss: env.PUBLIC_URL, aud: env.PUBLIC_URL });
  expect(server.output()).not.toContain('evil.example.org');
});

test('each log line names the service and the version, and a 5xx request is an error', async () => {
  const proxy = await openFaultProxyTo(await openDatabaseUrl());
  const server = await start({
    DATABASE_URL: proxy.url,
    DATABASE_POOL_WAIT_MS: '100',
    NODE_ENV: 'production',
    AUTH_SECRET: 'x'.repeat(32),
  });
  await proxy.disable();
  for (const path of ['/readyz', '/api/auth/token', '/trpc/user.me', '/nothing']) {
    await fetch(server.base + path, { headers: { authorization: 'Bearer 0123456789' } });
  }
  await expect.poll(() => server.output().split('"msg":"request"').length).toBe(5);
  const lines = server
    .output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines) expect(line).toMatchObject({ service: 'holdfast', version: expect.stringMatching(/^\d/) });
  const levels = lines.filter(({ msg }) => msg === 'request').map(({ path, status, level }) => [path, status, level]);
  // Workers write their lines a moment later, each on its own.
  expect(new Map(levels.map(([path, ...rest]) => [path, rest]))).toEqual(
    new Map([
      ['/readyz', [503, 50]],
      ['/api/auth/token', [503, 50]],
      ['/trpc/user.me', [503, 50]],
      ['/nothing', [404, 30]],
    ]),
  );
});

test.each(['SIGTERM', 'SIGKILL'] as const)('a %s to `npx pnpm start` also ends the server', async (signal) => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const PATH = [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const npx = spawn('npx', ['pnpm', 'start'], {
    cwd: root,
    env: { ...env, PATH, HOME: process.env['HOME'], PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  npx.stdout.on('data', (chunk) => (output += chunk));
  await expect.poll(() => output, { timeout: 60_000 }).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
  const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(output)!;
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  npx.kill(signal);
  const isServing = () =>
    fetch(`${url}/livez`).then(
      () => true,
      () => false,
    );
  await expect.poll(isServing, { timeout: 30_000 }).toBe(false);
});
