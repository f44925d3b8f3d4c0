import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTask, deleteTask, updateTask } from '../../src/index.ts';
import { openFixture } from '../fixture.ts';
import { sendBatch } from './batch.ts';
import { openCounted } from './counted.ts';

const { sql, url } = await openFixture();

test('a write that the database rejects does not stop or undo the others, and statements stay prepared', async () => {
  const { counted, scope, count } = await openCounted(url, randomUUID());
  const id = randomUUID();
  const tooLong = 'x'.repeat(501);
  // The connection is new: the rejected call is the first that prepares its statements.
  const [results, trips] = await count(() =>
    sendBatch(scope, [
      () => createTask(scope, { title: tooLong }),
      () => createTask(scope, { id, title: 'first' }),
      () => updateTask(scope, { id, title: tooLong }),
      () => updateTask(scope, { id, title: 'second' }),
      () => updateTask(scope, { id: 'no uuid', title: 'x' }),
    ]),
  );
  expect(trips).toBe(1);
  expect(results).toMatchObject(['INVALID_VALUE', { version: 1 }, 'INVALID_VALUE', { version: 2 }, 'INVALID_VALUE']);
  for (let round = 0; round < 2; round++) {
    const more = [() => updateTask(scope, { id, title: `${round}` }), () => createTask(scope, { title: 'more' })];
    expect(await count(() => sendBatch(scope, more))).toMatchObject([[{ version: 3 + round }, { version: 1 }], 1]);
  }
  await deleteTask(scope, { id });
  const prepared = await counted.acrossAllUsers((em) => em.execute('select name from pg_prepared_statements'));
  expect(JSON.stringify(prepared)).toMatch(/log_task_.*task_delete_|task_delete_.*log_task_/);
});

test('a batch works on a connection whose prepared statements are gone or outdated', async () => {
  const { counted, scope } = await openCounted(url, randomUUID());
  const run = async () => {
    const id = randomUUID();
    const writes = [
      () => createTask(scope, { id, title: 'x' }),
      () => updateTask(scope, { id, title: 'y' }),
      () => deleteTask(scope, { id }),
    ];
    expect(await sendBatch(scope, writes)).toMatchObject([{ version: 1 }, { version: 2 }, { id }]);
  };
  await run();
  await sql.query('alter table tasks alter column title type varchar(600)');
  await run();
  await sql.query('alter table tasks alter column title type text');
  await run();
  await counted.acrossAllUsers((em) => em.execute('deallocate all'));
  await run();
  await run();
});
