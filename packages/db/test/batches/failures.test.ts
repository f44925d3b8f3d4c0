import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTask, openDatabase, updateTask } from '../../src/index.ts';
import { atEnd } from '../fixture.ts';
import { sendBatch, settleBatch } from './batch.ts';
import { countChanges, lock, openBatches, readTitles, sql, url, user } from './fixture.ts';

test('after a lock timeout, the write and the later ones of its batch are retried in order', async () => {
  const { scope, retried, update } = await openBatches();
  const held = await lock('tasks', user.tasks[1]!.id);
  const sending = sendBatch(scope, [update(0, 'a'), update(1, 'b'), update(1, 'c')]);
  await expect
    .poll(() => retried)
    .toEqual([
      ['lock', 'call 1'],
      ['lock', 'call 2'],
    ]);
  await held.end();
  expect(await sending).toMatchObject([{ version: 2 }, { title: 'b', version: 2 }, { title: 'c', version: 3 }]);
  expect(await readTitles()).toEqual([
    ['a', 2],
    ['c', 3],
    ['three', 1],
  ]);
});

test('a write whose successor in the batch was applied is not retried, and its error is retryable', async () => {
  const { scope, retried, update } = await openBatches();
  const held = await lock('tasks', user.tasks[1]!.id);
  const sending = settleBatch(scope, [update(0, 'a'), update(1, 'b'), update(2, 'c')]);
  const [one, two, three] = await sending;
  await held.end();
  expect([one, three]).toMatchObject([{ value: { title: 'a' } }, { value: { title: 'c' } }]);
  expect(two).toMatchObject({ reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: true } });
  expect(retried).toEqual([]);
  expect(await readTitles()).toEqual([
    ['a', 2],
    ['two', 1],
    ['c', 2],
  ]);
});

test('a refused write runs again together with the earlier write of its batch that was not applied', async () => {
  let held: Awaited<ReturnType<typeof lock>> | undefined;
  const { scope, retried } = await openBatches({
    onStatement({ errorCode }) {
      if (errorCode === '55P03') void held?.end();
    },
  });
  held = await lock('users', user.userId);
  const id = randomUUID();
  // The create fails. The lock ends meanwhile, so the update runs, and finds no task.
  const sending = sendBatch(scope, [
    () => createTask(scope, { id, title: 'first' }),
    () => updateTask(scope, { id, title: 'second' }),
  ]);
  expect(await sending).toMatchObject([{ version: 1 }, { title: 'second', version: 2 }]);
  expect(retried.map(([cause]) => cause)).toEqual(['lock', 'lock']);
});

test('a deadlock in a batch undoes one write, which is retried unless a later one was applied', async () => {
  // A sequence is not rolled back, so only the first update to this title fails.
  await sql.query('create sequence updates; grant usage on sequence updates to public');
  await sql.query(`create function fail_once() returns trigger language plpgsql as $$ begin
    if new.title = 'deadlock' and nextval('public.updates') = 1 then raise exception 'no' using errcode = '40P01'; end if;
    return new; end $$`);
  await sql.query('create trigger fail_once before update on tasks for each row execute function fail_once()');
  const { scope, retried, update } = await openBatches();
  expect(await sendBatch(scope, [update(0, 'a'), update(1, 'deadlock')])).toMatchObject([
    { version: 2 },
    { title: 'deadlock', version: 2 },
  ]);
  expect(retried).toEqual([['deadlock', 'call 1']]);
  await sql.query(`alter sequence updates restart`);
  const [one, two, three] = await settleBatch(scope, [update(0, 'b'), update(2, 'deadlock'), update(1, 'c')]);
  expect([one, three]).toMatchObject([{ value: { version: 3 } }, { value: { title: 'c', version: 3 } }]);
  expect(two).toMatchObject({ reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: true } });
  expect(retried).toHaveLength(1);
  await sql.query('drop trigger fail_once on tasks');
});

test('at the deadline, the running write of a batch and all later ones are undone, and the connection remains usable', async () => {
  const { scope, update } = await openBatches();
  const held = await lock('users', user.userId);
  const started = performance.now();
  const writes = [update(0, 'a'), update(1, 'b'), update(2, 'c')];
  const results = await sendBatch(scope, writes, { deadlineAt: started + 300 });
  expect(results).toEqual(['STATEMENT_TIMEOUT', 'STATEMENT_TIMEOUT', 'STATEMENT_TIMEOUT']);
  await held.end();
  expect(await countChanges()).toBe(0);
  expect(await sendBatch(scope, writes)).toMatchObject([{ version: 2 }, { version: 2 }, { version: 2 }]);
});

test('each write of a batch has its own statement timeout', async () => {
  await sql.query(`create or replace function pause() returns trigger language plpgsql as
    $$ begin if new.title = 'slow' then perform pg_sleep(60); else perform pg_sleep(0.2); end if; return new; end $$`);
  await sql.query('create trigger pause before update on tasks for each row execute function pause()');
  try {
    const impatient = await openDatabase({ url, poolMax: 1, statementTimeoutMs: 600 });
    atEnd(() => impatient.close());
    const scope = impatient.asUser(user.userId, { batchWrites: true });
    const update = (at: number, title: string) => () => updateTask(scope, { id: user.tasks[at]!.id, title });
    const writes = [update(0, 'a'), update(1, 'slow'), update(2, 'c'), update(0, 'd'), update(0, 'e'), update(0, 'f')];
    expect(await sendBatch(scope, writes)).toMatchObject([
      { version: 2 },
      'STATEMENT_TIMEOUT',
      { version: 2 },
      { version: 3 },
      { version: 4 },
      { version: 5 },
    ]);
  } finally {
    await sql.query('drop trigger pause on tasks');
  }
});
