import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openAuthStore } from '../src/index.ts';
import { openFaultProxy } from '../src/testing/index.ts';
import { atEnd, openBareDatabase } from './fixture.ts';

test('after a network that lost responses works again, all connections of the sign-in pool are usable', async () => {
  const { url } = await openBareDatabase();
  const proxy = await openFaultProxy(url);
  const store = openAuthStore({ url: proxy.url, connectTimeoutMs: 1_500, statementTimeoutMs: 500 });
  atEnd(() => proxy.close());
  atEnd(() => store.close());
  const query = () => sql`select 1 as one`.execute(store.kysely);
  await Promise.all([query(), query(), query()]);
  proxy.stall('responses');
  for (const outcome of await Promise.allSettled([query(), query(), query()])) expect(outcome.status).toBe('rejected');
  await proxy.restore();
  const isUsable = async () =>
    (await Promise.allSettled([query(), query(), query()])).every(({ status }) => status === 'fulfilled');
  await expect.poll(isUsable).toBe(true);
});

test('if there are more transactions than connections, each one stores all of its changes or none', async () => {
  const { url } = await openBareDatabase();
  const store = openAuthStore({ url, poolWaitMs: 60_000 });
  atEnd(() => store.close());
  const { kysely, poolMax } = store;
  const transactionsCount = 8;
  expect(transactionsCount).toBeGreaterThan(poolMax);
  const count = async (db = kysely) => (await db.selectFrom('user').select('id').execute()).length;
  const insertUser = (at: number, db: typeof kysely) =>
    db
      .insertInto('user')
      .values({ id: randomUUID(), name: 'Ada', email: `${at}@example.org`, emailVerified: false })
      .execute();
  const work = Array.from({ length: transactionsCount }, (_, at) =>
    kysely.transaction().execute(async (transaction) => {
      const before = await count(transaction);
      await insertUser(at, transaction);
      expect(await count(transaction)).toBeGreaterThan(before);
      if (at % 2 === 1) throw new Error('roll back');
    }),
  );
  const outcomes = await Promise.allSettled(work);
  expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map((_, at) => (at % 2 ? 'rejected' : 'fulfilled')));
  expect(await count()).toBe(4);
});
