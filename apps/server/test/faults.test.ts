import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '@holdfast/db';
import { waitingForLocksSql } from '@holdfast/db/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabaseUrl, openFaultProxyTo, openServer, post, secret, signUp } from './fixture.ts';
import { end, makeDataDir, startServer } from './running-server.ts';

const databaseUrl = await openDatabaseUrl();
const proxy = await openFaultProxyTo(databaseUrl);
/** All limits except the request's deadline. Work that the deadline does not end takes longer than this. */
const otherLimitsMs = 20_000;
const { url, log } = await openServer({
  DATABASE_URL: proxy.url,
  DATABASE_POOL_MAX: '4',
  DATABASE_POOL_WAIT_MS: String(otherLimitsMs),
  DATABASE_CONNECT_TIMEOUT_MS: String(otherLimitsMs),
  DATABASE_STATEMENT_TIMEOUT_MS: String(otherLimitsMs),
  REQUEST_TIMEOUT_MS: '1500',
});
const { jwt } = await signUp(url, 'ada@example.org');
const headers = { authorization: `Bearer ${jwt}` };

interface Outcome {
  status: number;
  code: string | undefined;
  isRetryable: boolean | undefined;
  tookMs: number;
}

async function call(path: string, input?: unknown): Promise<Outcome> {
  const startedAt = performance.now();
  const response = await (input === undefined
    ? fetch(`${url}/trpc/${path}`, { headers })
    : post(`${url}/trpc/${path}`, input, headers));
  const { error } = (await response.json()) as { error?: { data: { code: string; isRetryable?: boolean } } };
  const { code, isRetryable } = error?.data ?? {};
  return { status: response.status, code, isRetryable, tookMs: performance.now() - startedAt };
}

/** Sends more reads and writes than there are connections. */
const callMany = () =>
  Promise.all(
    Array.from({ length: 12 }, (_, at) => (at % 2 ? call('task.list') : call('task.create', { title: 'x' }))),
  );

/** Expects that calls succeed again without a restart. */
async function expectRecovery(): Promise<void> {
  await expect.poll(async () => (await callMany()).filter(({ status }) => status !== 200)).toEqual([]);
}

const faults = {
  'loses every packet': () => proxy.stall('everything'),
  'loses every response': () => proxy.stall('responses'),
  'resets connections': () => proxy.resetConnections(),
  'refuses connections': () => proxy.disable(),
  'has a high latency': () => proxy.slow({ latencyMs: 500 }),
  'has a low bandwidth': () => proxy.slow({ bytesPerSecond: 400 }),
};

for (const [fault, begin] of Object.entries(faults)) {
  test(`a network that ${fault} ends no request later than its deadline, and calls succeed afterwards`, async () => {
    await callMany();
    const running = callMany();
    await begin();
    const outcomes = [...(await running), ...(await callMany())];
    for (const { status, code, tookMs } of outcomes) {
      expect([undefined, 'SERVICE_UNAVAILABLE', 'GATEWAY_TIMEOUT']).toContain(code);
      expect([200, 503, 504]).toContain(status);
      expect(tookMs).toBeLessThan(otherLimitsMs);
    }
    await proxy.restore();
    await expectRecovery();
  });
}

test('after a suspended database wakes up, all waiting calls succeed', async () => {
  const far = await openFaultProxyTo(databaseUrl);
  const waking = await openServer({ DATABASE_URL: far.url, DATABASE_POOL_MAX: '4', DATABASE_POOL_WAIT_MS: '20000' });
  const account = await signUp(waking.url, 'carol@example.org');
  const create = () =>
    post(`${waking.url}/trpc/task.create`, { title: 'x' }, { authorization: `Bearer ${account.jwt}` });
  await Promise.all([create(), create(), create()]);
  await far.disable();
  const wakeUp = sleep(1_500).then(() => far.restore());
  const responses = await Promise.all(Array.from({ length: 12 }, create));
  expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200));
  await wakeUp;
});

test('a deadline that passes during a session lookup is GATEWAY_TIMEOUT, and not an unexpected error', async () => {
  const { session } = await signUp(url, 'dora@example.org');
  const impatient = await openServer({ DATABASE_URL: databaseUrl, REQUEST_TIMEOUT_MS: '1' });
  const response = await fetch(`${impatient.url}/trpc/task.list`, { headers: { authorization: `Bearer ${session}` } });
  expect(response.status).toBe(504);
  expect(impatient.log.filter(({ msg }) => msg === 'unexpected error')).toEqual([]);
});

test('a statement ends when its client disconnects', async () => {
  const direct = await openDatabase({ url: databaseUrl });
  onTestFinished(() => direct.close());
  const created = await post(`${url}/trpc/task.create`, { title: 'x' }, headers);
  const { id } = ((await created.json()) as { result: { data: { id: string } } }).result.data;
  await direct.acrossAllUsers(
    async (em) => {
      await em.execute('select from tasks where id = ? for update', [id]);
      const countWaiting = async () => (await em.execute(waitingForLocksSql)).length;
      const client = new AbortController();
      const body = JSON.stringify({ id, title: 'y' });
      const jsonHeaders = { ...headers, 'content-type': 'application/json', 'x-request-id': 'aborted-1' };
      const call = fetch(`${url}/trpc/task.update`, {
        method: 'POST',
        headers: jsonHeaders,
        body,
        signal: client.signal,
      });
      await expect.poll(countWaiting).toBe(1);
      client.abort();
      await expect(call).rejects.toThrow('aborted');
      await expect.poll(countWaiting).toBe(0);
    },
    { write: true },
  );
  await expect.poll(() => log.find(({ requestId }) => requestId === 'aborted-1')).toMatchObject({ status: 499 });
});

test('the process ends on SIGTERM while the database does not respond', async () => {
  const far = await openFaultProxyTo(databaseUrl);
  const server = await startServer({
    DATABASE_URL: far.url,
    HOLDFAST_DATA_DIR: await makeDataDir(),
    AUTH_SECRET: secret,
  });
  const account = await signUp(server.base, 'bob@example.org');
  const before = far.roundTrips();
  far.stall('everything');
  const running = post(`${server.base}/trpc/task.create`, { title: 'x' }, { authorization: `Bearer ${account.jwt}` });
  await expect.poll(() => far.roundTrips()).toBeGreaterThan(before);
  const ended = end(server.process, 'SIGTERM');
  expect((await running).status).toBe(503);
  expect(await ended).toBe(0);
});
