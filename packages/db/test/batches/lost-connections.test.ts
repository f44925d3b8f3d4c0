import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTask, getTask } from '../../src/index.ts';
import { sendBatch, settleBatch } from './batch.ts';
import { countChanges, findWaiting, lock, openBatches, readTitles, sql, user } from './fixture.ts';

test('after the end of the server’s process, the running write and the later ones were not applied and are retried', async () => {
  const { scope, retried, update } = await openBatches();
  const held = await lock('tasks', user.tasks[1]!.id);
  const sending = sendBatch(scope, [update(0, 'a'), update(1, 'b'), update(2, 'c')]);
  await expect.poll(findWaiting).toHaveLength(1);
  await sql.query('select pg_terminate_backend($1)', [(await findWaiting())[0]]);
  await expect
    .poll(() => retried)
    .toEqual([
      ['connection', 'call 1'],
      ['connection', 'call 2'],
    ]);
  await held.end();
  expect(await sending).toMatchObject([{ version: 2 }, { version: 2 }, { version: 2 }]);
  expect(await readTitles()).toEqual([
    ['a', 2],
    ['b', 2],
    ['c', 2],
  ]);
});

test('if the connection is lost in the middle of a batch, the outcome of the writes without a response is unknown', async () => {
  const { proxy, scope, retried, update } = await openBatches();
  const held = await lock('tasks', user.tasks[1]!.id);
  const sending = settleBatch(scope, [update(0, 'a'), update(1, 'b'), update(2, 'c')]);
  await expect.poll(findWaiting).toHaveLength(1);
  proxy.resetConnections();
  const [one, ...others] = await sending;
  expect(one).toMatchObject({ value: { title: 'a', version: 2 } });
  const unknown = { reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: false } };
  expect(others).toMatchObject([unknown, unknown]);
  expect(retried).toEqual([]);
  await held.end();
});

test('if the connection is lost in the middle of a batch, writes with an operationId are retried and applied once', async () => {
  const { proxy, scope, retried, update } = await openBatches();
  const held = await lock('tasks', user.tasks[1]!.id);
  const id = randomUUID();
  const sending = sendBatch(scope, [
    update(0, 'a', randomUUID()),
    update(1, 'b', randomUUID()),
    () => createTask(scope, { id, title: 'new' }),
    update(2, 'c', randomUUID()),
    update(2, 'd', randomUUID()),
  ]);
  await expect.poll(findWaiting).toHaveLength(1);
  const [abandoned] = await findWaiting();
  proxy.resetConnections();
  // The server still runs the abandoned transactions, as far as it comes before it notices the end of the connection.
  await expect.poll(findWaiting).toHaveLength(2);
  expect(await findWaiting()).toContain(abandoned);
  await held.end();
  expect(await sending).toMatchObject([
    { title: 'a', version: 2 },
    { title: 'b', version: 2 },
    { id, version: 1 },
    { version: expect.any(Number) },
    { title: 'd', version: 3 },
  ]);
  expect(retried).toEqual([1, 2, 3, 4].map((call) => ['connection', `call ${call}`]));
  await expect.poll(countChanges).toBe(5);
  expect(await readTitles()).toEqual([
    ['a', 2],
    ['b', 2],
    ['d', 3],
  ]);
});

test('a batch whose response is lost is not retried if it has a write without an operationId behind the others', async () => {
  const { proxy, scope, retried, update } = await openBatches();
  await update(0, 'warm')();
  void proxy.loseResponse(1);
  const id = randomUUID();
  const results = await settleBatch(scope, [() => createTask(scope, { id, title: 'new' }), update(1, 'b')]);
  const unknown = { reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: false } };
  expect(results).toMatchObject([unknown, unknown]);
  expect(retried).toEqual([]);
});

test('a batch that finds no connection was not applied', async () => {
  const { proxy, scope, update } = await openBatches();
  await update(2, 'warm')();
  await proxy.disable();
  // The pool notices that its connection has ended.
  await expect(getTask(scope, user.tasks[0]!)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  const results = await settleBatch(scope, [update(0, 'a'), update(1, 'b')]);
  const refused = { reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: true } };
  expect(results).toMatchObject([refused, refused]);
  await proxy.restore();
  expect(await countChanges()).toBe(1);
});
