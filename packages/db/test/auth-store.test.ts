import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openAuthStore } from '../src/index.ts';
import { openLine } from '../src/testing.ts';
import { atEnd, openBareDatabase } from './fixture.ts';

test('a network that swallows answers costs sign-in no connection once it is mended', async () => {
  const { url } = await openBareDatabase();
  const line = await openLine(url);
  const store = openAuthStore({ url: line.url, connectTimeoutMs: 1_500, statementTimeoutMs: 500 });
  atEnd(() => line.close());
  atEnd(() => store.close());
  const ask = () => sql`select 1 as one`.execute(store.kysely);
  await Promise.all([ask(), ask(), ask()]);
  line.silence('answers');
  for (const answer of await Promise.allSettled([ask(), ask(), ask()])) expect(answer.status).toBe('rejected');
  await line.mend();
  const isMended = async () =>
    (await Promise.allSettled([ask(), ask(), ask()])).every(({ status }) => status === 'fulfilled');
  await expect.poll(isMended).toBe(true);
});
