import { randomUUID } from 'node:crypto';
import type { DatabaseObserver } from '@holdfast/db';
import { createPositionBetween } from '@holdfast/task-values';
import { expect, test } from 'vitest';
import type { RouterInputs } from '../../src/index.ts';
import { createUser, openFixture, type Task } from '../fixture.ts';
import { openServer } from '../http.ts';

const sent: (string | null)[] = [];
const observer: DatabaseObserver = { onStatement: ({ operation }) => sent.push(operation?.name ?? null) };
const { db, as } = await openFixture({ observer });
const { call } = await openServer(db);
const caller = createUser();
const { task } = as(caller);

const idsOf = (tasks: readonly { id: string }[]) => tasks.map(({ id }) => id);

async function createMany(count: number): Promise<Task[]> {
  const items = Array.from({ length: count }, (_, at) => ({ title: `task ${at}` }));
  return (await task.createMany({ items })).items;
}

test.each([
  ['createMany', () => ({ items: Array.from({ length: 500 }, () => ({ title: 'x' })) })],
  ['updateMany', (ids: string[]) => ({ ids, set: { priority: 1, addLabels: ['x'] } })],
  ['reorder', (ids: string[]) => ({ listId: null, ids: ids.toReversed() })],
  ['deleteMany', (ids: string[]) => ({ ids })],
])('task.%s changes 500 tasks with three statements', async (name, toInput) => {
  const ids = idsOf(await createMany(500));
  sent.length = 0;
  const { status, data } = await call(caller, `task.${name}`, toInput(ids));
  expect(status).toBe(200);
  expect(Object.values(data as object)[0]).toHaveLength(500);
  expect(sent).toEqual(Array.from({ length: 3 }, () => `task.${name}`));
});

test('a call with several tasks over HTTP that misses some names them in data.ids', async () => {
  const [one] = idsOf(await createMany(1)) as [string];
  const missing = [randomUUID(), randomUUID()];
  for (const [name, input] of [
    ['updateMany', { set: { priority: 1 } }],
    ['deleteMany', {}],
    ['reorder', { listId: null }],
  ] as const) {
    const { status, error } = await call(caller, `task.${name}`, {
      ids: [missing[0]!.toUpperCase(), one, missing[1]],
      ...input,
    });
    expect({ status, message: error?.message, data: error?.data }).toMatchObject({
      status: 404,
      message: '2 tasks not found.',
      data: { code: 'NOT_FOUND', ids: missing, validation: null },
    });
  }
});

test('a call with tasks of more than 2,000,000 bytes over HTTP is BAD_REQUEST and changes nothing', async () => {
  const large = createUser();
  const description = '€'.repeat(10_000);
  const items = Array.from({ length: 67 }, () => ({ id: randomUUID(), title: 'x', description }));
  const ids = idsOf((await as(large).task.createMany({ items })).items);
  const before = await as(large).task.get({ id: ids[0]! });
  const message = 'The tasks are too large for one call. Use fewer IDs.';
  const data = { code: 'BAD_REQUEST', validation: { errors: [message] } };
  const refused = { status: 400, error: { message, data } };
  const set = { priority: 1 };
  expect(await call(large, 'task.updateMany', { ids, set })).toMatchObject(refused);
  expect(await call(large, 'task.reorder', { listId: null, ids: ids.toReversed() })).toMatchObject(refused);
  expect(await as(large).task.get({ id: ids[0]! })).toEqual(before);
  expect(await call(large, 'task.deleteMany', { ids })).toMatchObject({ status: 200, data: { ids } });
  expect(await call(large, 'trash.restore', { ids })).toMatchObject(refused);
  expect(await as(large).task.count()).toEqual({ count: 0 });
  expect(await call(large, 'trash.restore', { ids: ids.slice(2) })).toMatchObject({ status: 200 });
});

test('a conflict of task.createMany over HTTP has the current task', async () => {
  const [existing] = (await createMany(1)) as [Task];
  const items = [{ title: 'new' }, { id: existing.id, title: 'other' }];
  const { status, error } = await call(caller, 'task.createMany', { items });
  expect({ status, data: error?.data }).toMatchObject({ status: 409, data: { code: 'CONFLICT', current: existing } });
});

test('a task that would get more than 20 labels is a conflict that names it', async () => {
  const labels = Array.from({ length: 20 }, (_, at) => `label ${at}`);
  const { id } = await task.create({ title: 'x', labels });
  const { status, error } = await call(caller, 'task.updateMany', { ids: [id], set: { addLabels: ['one more'] } });
  expect({ status, message: error?.message, ids: error?.data.ids }).toEqual({
    status: 409,
    message: 'A task would have more than 20 labels. Remove some first.',
    ids: [id],
  });
});

test('a missing list of task.reorder or task.updateMany is NOT_FOUND and named', async () => {
  const ids = idsOf(await createMany(1));
  const listId = randomUUID();
  for (const [name, input] of [
    ['reorder', { ids, listId }],
    ['updateMany', { ids, set: { listId } }],
    ['createMany', { items: [{ title: 'x', listId }] }],
  ] as const) {
    const { status, error } = await call(caller, `task.${name}`, input);
    expect({ status, message: error?.message }).toEqual({ status: 404, message: 'listId: List not found.' });
  }
});

const id = randomUUID();
const tooMany = (item: unknown) => Array.from({ length: 501 }, () => item);
test.each<[string, unknown, string]>([
  ['createMany', { items: [] }, 'items: must not be empty'],
  ['createMany', { items: tooMany({ title: 'x' }) }, 'items: must have at most 500 items; send several calls'],
  ['createMany', { items: [{ title: 'x' }, { title: ' ' }] }, 'items.1.title: must not be blank'],
  [
    'createMany',
    {
      items: [
        { id, title: 'x' },
        { id: id.toUpperCase(), title: 'y' },
      ],
    },
    'items: must not repeat an id',
  ],
  ['updateMany', { ids: [], set: {} }, 'ids: must not be empty'],
  ['updateMany', { ids: tooMany(id), set: {} }, 'ids: must have at most 500 items; send several calls'],
  ['updateMany', { ids: ['1'], set: {} }, 'ids.0: must be a UUID'],
  ['updateMany', { ids: [id] }, 'set: must be an object'],
  ['updateMany', { ids: [id], set: { position: 'a0' } }, 'set: must not have position; use task.reorder'],
  ['updateMany', { ids: [id], set: { version: 1 } }, 'set: Unrecognized key: "version"'],
  [
    'updateMany',
    { ids: [id], set: { labels: [], addLabels: ['x'] } },
    'set.labels: must not be together with addLabels or removeLabels',
  ],
  [
    'updateMany',
    { ids: [id], set: { addLabels: ['Home'], removeLabels: ['home'] } },
    'set.removeLabels: must not have a label of addLabels',
  ],
  ['updateMany', { ids: [id], set: { addLabels: ['x', 'X'] } }, 'set.addLabels: must not repeat a label'],
  ['updateMany', { ids: [id], set: { removeLabels: [' '] } }, 'set.removeLabels.0: must not be blank'],
  ['deleteMany', { ids: [id], operationId: 'x' }, 'operationId: must be a UUID'],
  ['reorder', { ids: [id] }, 'listId: must be a UUID'],
])('task.%s with the input %j is refused: %s', async (name, input, message) => {
  const { status, error } = await call(caller, `task.${name}`, input);
  expect({ status, message: error?.message, code: error?.data.code }).toEqual({
    status: 400,
    message,
    code: 'BAD_REQUEST',
  });
});

test('a position of more than 200 characters is refused with the name of task.reorder, which makes room for it', async () => {
  const tooLong = { position: `a0${'V'.repeat(199)}` };
  const message = 'position: must have at most 200 characters; shorten it with task.reorder';
  const longest = await task.create({ title: 'x', position: tooLong.position.slice(0, 200) });
  for (const [path, input] of [
    ['task.create', { title: 'y', ...tooLong }],
    ['task.update', { id: longest.id, ...tooLong }],
  ] as const) {
    const { status, error } = await call(caller, path, input);
    expect({ status, message: error?.message }).toEqual({ status: 400, message });
  }
  const { items } = await task.reorder({ listId: null, ids: [longest.id] });
  const between = createPositionBetween(items[0]!.position, null);
  expect(await task.update({ id: longest.id, position: between })).toMatchObject({ position: between });
});

test('a position that is no key of fractional-indexing is refused', async () => {
  const { error } = await call(caller, 'task.create', { title: 'x', position: 'a00' });
  expect(error?.message).toBe('position: must be a key of fractional-indexing');
});

test('task.updateMany clears a field with null and trims labels', async () => {
  const [{ id: withText }] = (await task.createMany({ items: [{ title: 'x', description: 'text' }] })).items as [Task];
  const set: RouterInputs['task']['updateMany']['set'] = { description: null, addLabels: [' home '] };
  const { items } = await task.updateMany({ ids: [withText], set });
  expect(items).toMatchObject([{ id: withText, description: null, labels: ['home'] }]);
});
