import { expect, test } from 'vitest';
import {
  createList,
  createTask,
  deleteTask,
  inOperation,
  joinBatch,
  listTasks,
  ReadOnlyWorkError,
  updateTask,
} from '../../src/index.ts';
import { alice, ask, bob, openFixture } from '../fixture.ts';

const { db } = await openFixture({ poolMax: 1 });
const everything = { limit: 200, order: 'newest' } as const;
const reader = db.asUser(alice, { readOnly: true });

test('PostgreSQL refuses each write of a read-only scope, and the scope reads as others do', async () => {
  const task = await createTask(db.asUser(alice), { title: 'Read me' });
  const writes = [
    () => createTask(reader, { title: 'new' }),
    () => updateTask(reader, { id: task.id, title: 'other' }),
    () => deleteTask(reader, { id: task.id }),
    () => createList(reader, { name: 'new' }),
    () => ask(reader, 'delete from tasks'),
    () => reader.transaction((scope) => updateTask(scope, { id: task.id, title: 'other' })),
  ];
  for (const write of writes) await expect(write()).rejects.toThrow(ReadOnlyWorkError);
  const revert = ask(reader, `select set_config('transaction_read_only', 'off', true)`);
  await expect(revert).rejects.toMatchObject({ sqlState: '25001' });
  expect((await listTasks(reader, everything)).items).toEqual([task]);
});

test('writes of a batch in a read-only scope are refused too', async () => {
  const scope = db.asUser(alice, { readOnly: true, batchWrites: true });
  const before = await listTasks(reader, everything);
  const outcomes = await Promise.allSettled(
    ['one', 'two'].map((title) =>
      inOperation({ name: title }, async () => {
        const leave = joinBatch(scope);
        try {
          return await createTask(scope, { title });
        } finally {
          leave?.();
        }
      }),
    ),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await listTasks(reader, everything)).toEqual(before);
});

test('the next transaction on the connection of a read-only scope can write, as can the user’s other scopes', async () => {
  await listTasks(reader, everything);
  const [[reading]] = (await ask(reader, `select current_setting('transaction_read_only')`)) as [[string]];
  const [[writing]] = (await ask(db.asUser(alice), `select current_setting('transaction_read_only')`)) as [[string]];
  expect([reading, writing]).toEqual(['on', 'off']);
  await createTask(db.asUser(bob), { title: 'after a reader' });
});
