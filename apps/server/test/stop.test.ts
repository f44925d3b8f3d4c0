import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { json, text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabaseUrl, password, signUp } from './fixture.ts';
import { end, makeDataDir, type RunningServer, startServer } from './running-server.ts';

const env = { DATABASE_URL: await openDatabaseUrl(), HOLDFAST_DATA_DIR: await makeDataDir() };

/** Starts a server, and kills it after the test. */
async function start(): Promise<RunningServer> {
  const server = await startServer(env);
  onTestFinished(async () => void (await end(server.process, 'SIGKILL')));
  return server;
}

/** Creates a client that reuses one connection until the server closes it. */
function createClient(base: string, jwt: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' };
  const begin = (path: string, method = 'POST', more = {}) =>
    request(base + path, { agent, method, headers: { ...headers, ...more } });
  return {
    begin,
    async create(title: string): Promise<IncomingMessage> {
      const call = begin('/trpc/task.create');
      call.end(JSON.stringify({ title }));
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      expect([response.statusCode, await text(response)]).toEqual([200, expect.stringContaining(title)]);
      return response;
    },
  };
}

/** Waits until the server refuses new connections. */
async function expectStopping(base: string): Promise<void> {
  const connectOnce = () => once(request(`${base}/livez`, { agent: false }).end(), 'response');
  await expect
    .poll(() =>
      connectOnce().then(
        () => 'accepted',
        ({ code }) => code,
      ),
    )
    .toBe('ECONNREFUSED');
}

test('no request fails that was sent before the connection: close response', async () => {
  const server = await start();
  const { jwt } = await signUp(server.base, 'crowd@example.org');
  let responses = 0;
  const callUntilClose = async (name: string) => {
    const client = createClient(server.base, jwt);
    for (let call = 1; ; call += 1) {
      const response = await client.create(`${name}, ${call}`);
      responses += 1;
      if (response.headers.connection === 'close') return 'closed';
    }
  };
  const clients = Array.from({ length: 16 }, (_, index) => callUntilClose(`Client ${index}`));
  await expect.poll(() => responses).toBeGreaterThan(100);
  const ended = end(server.process, 'SIGTERM');
  expect(await Promise.all(clients)).toEqual(Array.from({ length: 16 }, () => 'closed'));
  expect(await ended).toBe(0);
});

test('an idle connection gets one more response during a shutdown, with connection: close', async () => {
  const server = await start();
  const { jwt } = await signUp(server.base, 'idle@example.org');
  const [caller, probe] = [createClient(server.base, jwt), createClient(server.base, jwt)];
  await caller.create('One');
  await probe.create('Two');
  const ended = end(server.process, 'SIGTERM');
  await expectStopping(server.base);
  expect((await caller.create('Three')).headers.connection).toBe('close');
  const [ready] = (await once(probe.begin('/readyz', 'GET').end(), 'response')) as [IncomingMessage];
  expect([ready.statusCode, ready.headers.connection]).toEqual([503, 'close']);
  expect(await json(ready)).toEqual({ status: 'unavailable', reason: 'shutting down' });
  expect(await ended).toBe(0);
});

test('during a shutdown, running requests finish with connection: close, and new connections are refused', async () => {
  const server = await start();
  const { jwt } = await signUp(server.base, 'bob@example.org');
  const begin = async (path: string, body: string) => {
    const call = createClient(server.base, jwt).begin(path, 'POST', { expect: '100-continue' });
    call.write(body);
    await once(call, 'continue');
    return call;
  };
  const create = await begin('/trpc/task.create', '{"title":');
  const signIn = await begin('/api/auth/sign-in/email', '{"email":"bob@example.org",');
  const ended = end(server.process, 'SIGTERM');
  await expectStopping(server.base);
  create.end('"Finish this"}');
  signIn.end(`"password":"${password}"}`);
  for (const [call, expected] of [[create, 'Finish this'] as const, [signIn, 'bob@example.org'] as const]) {
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    expect([response.statusCode, response.headers.connection]).toEqual([200, 'close']);
    expect(await text(response)).toContain(expected);
  }
  expect(await ended).toBe(0);
});

test('a connection that was opened and never used does not delay the shutdown', async () => {
  const server = await start();
  const { hostname, port } = new URL(server.base);
  const socket = connect(Number(port), hostname).on('error', () => {});
  await once(socket, 'connect');
  await fetch(`${server.base}/livez`);
  const ended = end(server.process, 'SIGTERM').then(() => 'ended');
  // Half the time limit of running requests.
  expect(await Promise.race([ended, setTimeout(5000, 'waiting')])).toBe('ended');
});
