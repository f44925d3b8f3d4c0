import { createClient } from '@holdfast/client';
import { migrate } from '@holdfast/db';
import { openReplicatedServer } from '@holdfast/db/testing';
import { afterAll, expect, test } from 'vitest';
import { launchHoldfast, password } from './fixture.ts';

const servers = await openReplicatedServer();
await migrate({ url: servers.primaryUrl });
const { url, stop } = await launchHoldfast({
  DATABASE_URL: servers.primaryUrl,
  DATABASE_REPLICA_URL: servers.standbyUrl,
  DATABASE_REPLICA_LAG_MS: '3600000',
});
afterAll(async () => {
  await stop();
  await servers.stop();
});

const readLag = async () =>
  /^holdfast_replica_lag_seconds (\S+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];

test('a client that accepts older data reads its own writes, and those of other clients later', async () => {
  const account = { email: 'ada@example.org', password };
  const phone = createClient({ url, maxStaleSeconds: 3600 });
  const laptop = createClient({ url, maxStaleSeconds: 3600 });
  const current = createClient({ url });
  await phone.signUp({ ...account, name: 'Ada' });
  await laptop.signIn(account);
  await current.signIn(account);
  const titlesOf = async ({ task }: typeof phone) =>
    (await task.list({ order: 'oldest' })).items.map(({ title }) => title);
  await current.task.create({ title: 'old' });

  // Until the server knows that the replica has all of this.
  await expect
    .poll(async () => {
      await titlesOf(laptop);
      return Number(await readLag());
    })
    .toBe(0);
  await servers.pause();
  await phone.task.create({ title: 'new' });
  expect(await titlesOf(laptop)).toEqual(['old']);
  expect(await titlesOf(phone)).toEqual(['old', 'new']);
  expect(await titlesOf(current)).toEqual(['old', 'new']);
  await servers.resume();
  await expect.poll(() => titlesOf(laptop)).toEqual(['old', 'new']);
});

test('another user of the same client needs no revision of the first one', async () => {
  const sent: (string | null)[] = [];
  const holdfast = createClient({
    url,
    maxStaleSeconds: 60,
    fetch(input, init) {
      const headers = new Headers(init?.headers);
      if (typeof input === 'string' && input.includes('/trpc/')) sent.push(headers.get('x-holdfast-revision'));
      return fetch(input, init);
    },
  });
  await holdfast.signUp({ email: 'bob@example.org', password, name: 'Bob' });
  await holdfast.task.create({ title: 'task' });
  await holdfast.task.list();
  await holdfast.signUp({ email: 'eve@example.org', password, name: 'Eve' });
  await holdfast.task.list();
  expect(sent).toEqual([null, '1', null]);
});

test('a revision that is no number is refused with a sentence', async () => {
  const headers = { 'cache-control': 'max-stale=60', 'x-holdfast-revision': 'one' };
  const response = await fetch(`${url}/trpc/user.me`, { headers: { ...headers } });
  expect(await response.json()).toMatchObject({
    error: { message: 'x-holdfast-revision must be a whole number. Send the header of an earlier response.' },
  });
});

test.each([1, 2.5, -1, Number.NaN])('maxStaleSeconds: %d is refused', (maxStaleSeconds) => {
  expect(() => createClient({ url, maxStaleSeconds })).toThrow(RangeError);
});
