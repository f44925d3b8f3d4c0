import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openAuthStore } from '../src/index.ts';
import { openFaultProxy } from '../src/testing/index.ts';
import { atEnd, openBareDatabase } from './fixture.ts';

test('a network that swallows answers costs sign-in no connection once it is mended', async () => {
  const { url } = await openBareDatabase();
  const proxy = await openFaultProxy(url);
  const store = openAuthStore({ url: proxy.url, connectTimeoutMs: 1_500, statementTimeoutMs: 500 });
  atEnd(() => proxy.close());
  atEnd(() => store.close());
  const ask = () => sql`select 1 as one`.execute(store.kysely);
  await Promise.all([ask(), ask(), ask()]);
  proxy.stall('responses');
  for (const answer of await Promise.allSettled([ask(), ask(), ask()])) expect(answer.status).toBe('rejected');
  await proxy.restore();
  const isMended = async () =>
    (await Promise.allSettled([ask(), ask(), ask()])).every(({ status }) => status === 'fulfilled');
  await expect.poll(isMended).toBe(true);
});

test('a transaction holds a connection from its first change on, and keeps all that it did or nothing', async () => {
  const { url } = await openBareDatabase();
  const store = openAuthStore({ url, poolWaitMs: 60_000 });
  atEnd(() => store.close());
  const { kysely } = store;
  const count = async (db = kysely) => (await db.selectFrom('user').select('id').execute()).length;
  const make = (at: number, db: typeof kysely) =>
    db
      .insertInto('user')
      .values({ id: randomUUID(), name: 'Ada', email: `${at}@example.org`, emailVerified: false })
      .execute();
  const all = Promise.withResolvers<void>();
  let waiting = 0;
  // More than there are connections, each of which has read before any goes on.
  const work = Array.from({ length: 8 }, (_, at) =>
    kysely.transaction().execute(async (within) => {
      expect(await count(within)).toBe(0);
      if (++waiting === 8) all.resolve();
      await all.promise;
      await make(at, within);
      expect(await count(within)).toBeGreaterThan(0);
      if (at % 2 === 1) throw new Error('changed my mind');
    }),
  );
  const outcomes = await Promise.allSettled(work);
  expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map((_, at) => (at % 2 ? 'rejected' : 'fulfilled')));
  expect(await count()).toBe(4);
});
