import { once } from 'node:events';
import { connect } from 'node:net';
import { openDatabase } from '@holdfast/db';
import { waitingForLocksSql } from '@holdfast/db/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openServer, post, signUp } from '../fixture.ts';

const minute = '60000';
const env = {
  DATABASE_POOL_MAX: '20',
  DATABASE_POOL_WAIT_MS: minute,
  DATABASE_STATEMENT_TIMEOUT_MS: minute,
  REQUEST_TIMEOUT_MS: minute,
};
// Several workers divide these limits.
const { url, databaseUrl, log } = await openServer({ ...env, WORKERS: '1' });

async function openUser(name: string, credential: 'jwt' | 'session' = 'jwt') {
  const headers = { authorization: `Bearer ${(await signUp(url, `${name}@example.org`))[credential]}` };
  const call = (path: string, signal?: AbortSignal, requestId = 'any') =>
    fetch(`${url}/trpc/${path}`, { headers: { ...headers, 'x-request-id': requestId }, signal: signal ?? null });
  await call('user.me');
  return {
    headers,
    call,
    create: (task: object) => post(`${url}/trpc/task.create`, task, headers),
    createBatch(tasks: object) {
      const path = Object.keys(tasks).map(() => 'task.create');
      return post(`${url}/trpc/${path.join()}?batch=1`, tasks, headers);
    },
  };
}

// The number of sign-ups per minute is limited, so some tests share a user.
const cleo = await openUser('cleo');

/** Runs work while all statements on tasks wait for a lock. */
async function whileTasksAreLocked(work: (countWaiting: () => Promise<number>) => Promise<void>): Promise<void> {
  const db = await openDatabase({ url: databaseUrl });
  onTestFinished(() => db.close());
  await db.acrossAllUsers(
    async (em) => {
      await em.execute('reset role; lock table tasks in access exclusive mode');
      await work(async () => (await em.execute(waitingForLocksSql)).length);
    },
    { write: true },
  );
}

/** Sends requests, and counts those that already have a response, by status. */
function sendAll(times: number, send: () => Promise<Response>) {
  const counts: Record<number, number> = {};
  const all = Array.from({ length: times }, async () => {
    const response = await send();
    counts[response.status] = (counts[response.status] ?? 0) + 1;
    return response;
  });
  return { counts, all: Promise.all(all) };
}

test('of the first 30 lists of a user at a time, one runs, 20 wait and 9 are refused, and another user is served', async () => {
  const [ada, bob] = [await openUser('ada'), await openUser('bob')];
  let lists: ReturnType<typeof sendAll> | undefined;
  await whileTasksAreLocked(async (countWaiting) => {
    lists = sendAll(30, () => ada.call('task.list'));
    await expect.poll(() => lists!.counts).toEqual({ 429: 9 });
    await expect.poll(countWaiting).toBe(1);
    expect((await bob.call('user.me')).status).toBe(200);
    expect((await ada.call('user.me')).status).toBe(200);
  });
  const refused = (await lists!.all).filter(({ status }) => status === 429);
  expect(lists!.counts).toEqual({ 200: 21, 429: 9 });
  for (const response of refused) {
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ error: { data: { code: 'TOO_MANY_REQUESTS', retryAfterMs: 1000 } } });
  }
});

test('a user with small lists may run 4 requests side by side, and 30 wait', async () => {
  expect((await cleo.call('task.list')).status).toBe(200);
  let calls: ReturnType<typeof sendAll> | undefined;
  let others: ReturnType<typeof sendAll> | undefined;
  await whileTasksAreLocked(async (countWaiting) => {
    calls = sendAll(4, () => cleo.call('task.list'));
    await expect.poll(countWaiting).toBe(4);
    const missing = encodeURIComponent(JSON.stringify({ id: '0190a000-0000-7000-8000-00000000000a' }));
    others = sendAll(33, () => cleo.call(`task.get?input=${missing}`));
    await expect.poll(() => others!.counts).toEqual({ 429: 3 });
    expect(await countWaiting()).toBe(4);
  });
  await Promise.all([calls!.all, others!.all]);
  expect([calls!.counts, others!.counts]).toEqual([{ 200: 4 }, { 404: 30, 429: 3 }]);
});

test('of a user whose list was large, one list runs at a time', async () => {
  const user = await openUser('dora');
  const description = '😀'.repeat(10_000);
  for (let task = 0; task < 4; task += 1) await user.create({ title: 'x', description });
  await (await user.call('task.list')).text();
  let lists: ReturnType<typeof sendAll> | undefined;
  await whileTasksAreLocked(async (countWaiting) => {
    lists = sendAll(23, () => user.call('task.list'));
    await expect.poll(() => lists!.counts).toEqual({ 429: 2 });
    expect(await countWaiting()).toBe(1);
  });
  await lists!.all;
  expect(lists!.counts).toEqual({ 200: 21, 429: 2 });
});

test('of a user whose page of changes was large, one page of changes or tasks is read at a time', async () => {
  const user = await openUser('eli');
  const description = '😀'.repeat(10_000);
  for (let task = 0; task < 4; task += 1) await user.create({ title: 'x', description });
  await (await user.call('changes.list')).text();
  let pages: ReturnType<typeof sendAll> | undefined;
  await whileTasksAreLocked(async (countWaiting) => {
    let sent = 0;
    pages = sendAll(23, () => user.call(sent++ % 2 === 0 ? 'changes.list' : 'task.list'));
    await expect.poll(() => pages!.counts).toEqual({ 429: 2 });
    expect(await countWaiting()).toBe(1);
  });
  await pages!.all;
  expect(pages!.counts).toEqual({ 200: 21, 429: 2 });
});

test('of a user whose batch was large, one batch runs at a time', async () => {
  const user = await openUser('ian');
  const created = await user.create({ title: 'x', description: '😀'.repeat(10_000) });
  const { id } = ((await created.json()) as { result: { data: { id: string } } }).result.data;
  const inputs = encodeURIComponent(
    JSON.stringify(Object.fromEntries(Array.from({ length: 4 }, (_, at) => [at, { id }]))),
  );
  const getFour = () => user.call(`task.get,task.get,task.get,task.get?batch=1&input=${inputs}`);
  await (await getFour()).text();
  let batches: ReturnType<typeof sendAll> | undefined;
  await whileTasksAreLocked(async (countWaiting) => {
    batches = sendAll(23, getFour);
    await expect.poll(() => batches!.counts).toEqual({ 429: 2 });
    expect(await countWaiting()).toBe(1);
  });
  await batches!.all;
  expect(batches!.counts).toEqual({ 200: 21, 429: 2 });
});

test('of the requests of a user with large bodies, 2 enter, 4 wait and the others are refused', async () => {
  const user = await openUser('fay');
  const large = { title: 'x', description: '😀'.repeat(10_000) };
  const batch = Object.fromEntries(Array.from({ length: 2 }, (_, at) => [at, large]));
  let creates: ReturnType<typeof sendAll> | undefined;
  await whileTasksAreLocked(async (countWaiting) => {
    creates = sendAll(9, () => user.createBatch(batch));
    await expect.poll(() => creates!.counts).toEqual({ 429: 3 });
    // The writes of one user take one connection.
    expect(await countWaiting()).toBe(1);
  });
  await creates!.all;
  expect(creates!.counts).toEqual({ 200: 6, 429: 3 });
});

test('of the calls of a user with many items, one runs, 30 wait and the others are refused', async () => {
  const body = JSON.stringify({ items: Array.from({ length: 200 }, () => ({ title: 'x' })) });
  const leaving = new AbortController();
  const headers = { ...cleo.headers, 'content-type': 'application/json' };
  const create = () => fetch(`${url}/trpc/task.createMany`, { method: 'POST', headers, body, signal: leaving.signal });
  await whileTasksAreLocked(async () => {
    const creates = sendAll(33, create);
    await expect.poll(() => creates.counts).toEqual({ 429: 2 });
    expect((await cleo.call('user.me')).status).toBe(200);
    leaving.abort();
    await expect(creates.all).rejects.toThrow('aborted');
  });
});

test('sign-in requests whose bodies never arrive do not delay other requests of their address', async () => {
  const { jwt } = await signUp(url, 'joe@example.org');
  const { hostname, port } = new URL(url);
  for (let client = 0; client < 250; client += 1) {
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    socket.write(`POST /api/auth/sign-in/email HTTP/1.1\r\nHost: x\r\n`);
    socket.write('Content-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n');
    await once(socket, 'data');
  }
  const response = await fetch(`${url}/api/auth/get-session`, { headers: { authorization: `Bearer ${jwt}` } });
  expect(response.status).toBe(200);
});

test('requests of one user with a session token do not delay another user of the same address', async () => {
  const [kim, lee, max] = await Promise.all(['kim', 'lee', 'max'].map((name) => openUser(name, 'session')));
  let calls: ReturnType<typeof sendAll>[] = [];
  await whileTasksAreLocked(async (countWaiting) => {
    const missing = encodeURIComponent(JSON.stringify({ id: '0190a000-0000-7000-8000-00000000000a' }));
    calls = [kim!, lee!].map((user) => sendAll(35, () => user.call(`task.get?input=${missing}`)));
    await expect.poll(() => calls.map(({ counts }) => counts)).toEqual([{ 429: 1 }, { 429: 1 }]);
    await expect.poll(countWaiting).toBe(8);
    expect((await max!.call('user.me')).status).toBe(200);
  });
  await Promise.all(calls.map(({ all }) => all));
});

test('a request whose client disconnects leaves the queue', async () => {
  const user = await openUser('eve');
  const closing = new AbortController();
  let later: ReturnType<typeof sendAll> | undefined;
  await whileTasksAreLocked(async (countWaiting) => {
    const running = sendAll(1, () => user.call('task.list'));
    await expect.poll(countWaiting).toBe(1);
    const gone = Array.from({ length: 20 }, () => user.call('task.list', closing.signal, 'gone').catch(() => 'gone'));
    await expect.poll(async () => (await user.call('task.list', AbortSignal.timeout(100))).status).toBe(429);
    closing.abort();
    expect(new Set(await Promise.all(gone))).toEqual(new Set(['gone']));
    await expect
      .poll(() => log.filter(({ requestId, status }) => requestId === 'gone' && status === 499).length)
      .toBe(20);
    later = sendAll(21, () => user.call('task.list'));
    await expect.poll(() => later!.counts).toEqual({ 429: 1 });
    expect(running.counts).toEqual({});
  });
  await later!.all;
  expect(later!.counts).toEqual({ 200: 20, 429: 1 });
});

test('the rate limit weighs calls by the bytes of their bodies and responses', async () => {
  const server = await openServer({ ...env, DATABASE_URL: databaseUrl, RATE_LIMIT_PER_MINUTE: '150' });
  const ada = { authorization: `Bearer ${(await signUp(server.url, 'gil@example.org')).jwt}` };
  const bob = { authorization: `Bearer ${(await signUp(server.url, 'hal@example.org')).jwt}` };
  const create = (body: string | ReadableStream, more = {}) => {
    const headers = { ...ada, 'content-type': 'application/json' };
    return fetch(`${server.url}/trpc/task.create`, { method: 'POST', headers, body, ...more });
  };
  const big = JSON.stringify({ title: 'x', description: 'x'.repeat(1_000_000) });
  // 62 calls each, with and without a declared length.
  expect((await create(big)).status).toBe(413);
  expect((await create(new Blob([big]).stream(), { duplex: 'half' })).status).toBe(413);
  await expect.poll(async () => (await create(big)).status).toBe(429);
  const list = () => fetch(`${server.url}/trpc/task.list`, { headers: bob });
  for (let task = 0; task < 30; task += 1) {
    await post(`${server.url}/trpc/task.create`, { title: 'x', description: '😀'.repeat(10_000) }, bob);
  }
  const statuses = new Set<number>();
  for (let call = 1; call <= 20; call += 1) {
    const response = await list();
    statuses.add(response.status);
    await response.text();
  }
  // Each list of 540 KB counts as 9 calls.
  expect(statuses).toEqual(new Set([200, 429]));
});
