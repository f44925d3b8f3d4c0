import { expect, test } from 'vitest';
import { createTask, listTasks, openDatabase } from '../src/index.ts';
import { alice, ask, openFixture } from './fixture.ts';

const { db, sql, url } = await openFixture({ statementTimeoutMs: 300 });

test('connections that die in the middle of a transaction cost the pool nothing', async () => {
  const narrow = await openDatabase({ url, poolMax: 2, connectTimeoutMs: 2_000 });
  for (let round = 0; round < 3; round++) {
    const units = [1, 2].map(() =>
      narrow.asUser(alice).transaction(async (scope) => {
        const [row] = await ask(scope, 'select pg_backend_pid()');
        await sql.query('select pg_terminate_backend($1)', [row![0]]);
        return listTasks(scope, { limit: 1, order: 'newest' });
      }),
    );
    for (const unit of await Promise.allSettled(units)) {
      expect(unit).toMatchObject({ status: 'rejected', reason: { code: 'DATABASE_UNAVAILABLE' } });
    }
  }
  await expect(createTask(narrow.asUser(alice), { title: 'still here' })).resolves.toMatchObject({ version: 1 });
  await narrow.close();
});

test('a statement that takes too long is ended', async () => {
  const slow = ask(db.asUser(alice), 'select pg_sleep(10)');
  await expect(slow).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
});

test('a server that cannot be reached is named as unavailable, with when to try again', async () => {
  const unreachable = new URL(url);
  unreachable.port = '1';
  await expect(openDatabase({ url: unreachable.href })).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    retryAfterMs: 1_000,
  });
});
