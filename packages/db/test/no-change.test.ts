import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTask, type TaskChange, updateTask } from '../src/index.ts';
import { explainNoChange } from '../src/tasks/no-change.ts';
import { toColumnValues } from '../src/tasks/record.ts';
import { toOperationArgs } from '../src/writes/operation.ts';
import { alice, openFixture } from './fixture.ts';

const { db } = await openFixture();
const scope = db.asUser(alice);

/** The second step of an update that changed nothing. */
function explain(input: TaskChange) {
  const { id, ifVersion, operationId: _, ...changes } = input;
  const operation = toOperationArgs('task.update', input);
  const args = { ...toColumnValues(changes), ...operation, userId: alice, id, ifVersion, mayBeEqual: true };
  return explainNoChange(scope, args);
}

test('a refused update is not accepted because another write has brought the task to the expected version', async () => {
  const { id } = await createTask(scope, { title: 'first' });
  await expect(updateTask(scope, { id, title: 'refused', ifVersion: 2 })).rejects.toThrow('has version 1, not 2');
  const task = await updateTask(scope, { id, title: 'second' });
  const conflict = { code: 'TASK_CONFLICT', current: task };
  await expect(explain({ id, title: 'refused', ifVersion: 2 })).rejects.toMatchObject(conflict);
  const operationId = randomUUID();
  await expect(explain({ id, title: 'second', ifVersion: 2, operationId })).rejects.toMatchObject(conflict);
});

test('an update without an effect that has an operation ID is accepted, also if the task has changed since', async () => {
  const { id } = await createTask(scope, { title: 'same' });
  const update = { id, title: 'same', ifVersion: 1, operationId: randomUUID() };
  expect(await updateTask(scope, update)).toMatchObject({ title: 'same', version: 1 });
  const task = await updateTask(scope, { id, title: 'other' });
  expect(await explain(update)).toEqual(task);
});

test('an update to the values that the task has is accepted, and changes nothing', async () => {
  const due = { date: '2026-10-25', time: '02:30', timeZone: 'Europe/Berlin' };
  const values = { title: 'same', description: null, priority: 2, labels: ['b', 'a'], due } as const;
  const task = await createTask(scope, { ...values, labels: ['b', 'a'] });
  const { timeZone, time, date } = due;
  const update = { ...values, labels: ['b', 'a'], id: task.id, due: { timeZone, time, date } };
  expect(await updateTask(scope, update)).toEqual(task);
});
