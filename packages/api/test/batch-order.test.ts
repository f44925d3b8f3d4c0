import { randomUUID } from 'node:crypto';
import { openDatabase } from '@holdfast/db';
import { openFaultProxy } from '@holdfast/db/testing';
import { expect, test } from 'vitest';
import { atEnd, createUser, openFixture } from './fixture.ts';
import { openServer, post } from './http.ts';

const { url } = await openFixture();
const proxy = await openFaultProxy(url);
const db = await openDatabase({ url: proxy.url, poolMax: 1 });
atEnd(() => proxy.close());
atEnd(() => db.close());
const { base, call, send } = await openServer(db);

type Calls = [path: string, input: object][];
interface Result {
  result?: { data: Record<string, unknown> };
  error?: { message: string; data: { code: string; isRetryable?: boolean } };
}

async function sendBatch(caller: ReturnType<typeof createUser>, calls: Calls): Promise<Result[]> {
  const body = JSON.stringify(Object.fromEntries(calls.map(([, input], index) => [index, input])));
  const { text } = await send(caller, `${calls.map(([path]) => path).join(',')}?batch=1`, post(body));
  return JSON.parse(text) as Result[];
}

test('the mutations of one batch are applied in call order', async () => {
  const caller = createUser();
  for (let round = 0; round < 10; round += 1) {
    const id = randomUUID();
    const titles = Array.from({ length: 17 }, (_, index) => `title ${index}`);
    const results = await sendBatch(caller, [
      ['task.create', { id, title: 'new' }],
      ...titles.map((title): [string, object] => ['task.update', { id, title }]),
      ['task.delete', { id }],
      ['task.update', { id, title: 'too late' }],
    ]);
    expect(results.slice(0, -2).map(({ result }) => [result?.data['title'], result?.data['version']])).toEqual(
      ['new', ...titles].map((title, index) => [title, index + 1]),
    );
    expect(results.at(-2)?.result?.data).toEqual({ id });
    expect(results.at(-1)?.error?.data.code).toBe('NOT_FOUND');
  }
});

test('a refused mutation of a batch does not stop or undo the others', async () => {
  const caller = createUser();
  const id = randomUUID();
  const results = await sendBatch(caller, [
    ['task.create', { id, title: 'first' }],
    ['task.update', { id, title: ' ' }],
    ['task.update', { id, title: 'second', ifVersion: 7 }],
    ['task.update', { id, title: 'third' }],
  ]);
  expect(results.map(({ error }) => error?.data.code)).toEqual([undefined, 'BAD_REQUEST', 'CONFLICT', undefined]);
  expect((await call(caller, 'task.get', { id })).data).toMatchObject({ title: 'third', version: 2 });
});

test('a batch of twenty mutations takes one round trip to the database', async () => {
  const caller = createUser();
  for (let round = 0; round < 2; round += 1) {
    const [id, listId] = [randomUUID(), randomUUID()];
    const before = proxy.roundTrips();
    const results = await sendBatch(caller, [
      ['list.create', { id: listId, name: 'new' }],
      ['task.create', { id, title: 'new', listId, labels: ['a'] }],
      ['user.update', { timeZone: 'Europe/Berlin' }],
      ['task.update', { id, title: '' }],
      ['label.rename', { from: 'a', to: 'b', operationId: randomUUID() }],
      ...Array.from({ length: 10 }, (_, index): Calls[0] => ['task.update', { id, title: `title ${index}` }]),
      ['task.updateMany', { ids: [id], set: { priority: 3 } }],
      ['list.update', { id: listId, name: 'changed', ifVersion: 1 }],
      ['task.delete', { id, operationId: randomUUID() }],
      ['trash.restore', { ids: [id] }],
      ['list.delete', { id: listId }],
    ]);
    expect(proxy.roundTrips() - before).toBe(1);
    expect(results.map(({ error }) => error?.data.code)).toEqual(
      results.map((_, index) => (index === 3 ? 'BAD_REQUEST' : undefined)),
    );
    expect(results[18]?.result?.data).toMatchObject({ items: [{ title: 'title 9', labels: ['b'], version: 15 }] });
  }
});

test('a batch of twenty mutations whose responses are streamed takes one round trip, in call order', async () => {
  const caller = createUser();
  const id = randomUUID();
  await call(caller, 'task.create', { id, title: 'new' });
  const before = proxy.roundTrips();
  const inputs = Array.from({ length: 20 }, (_, index) => ({ id, title: `title ${index}` }));
  const headers = {
    'content-type': 'application/json',
    'trpc-accept': 'application/jsonl',
    // The fixture knows the caller since the first call.
    'x-caller': caller.userId,
  };
  const paths = inputs.map(() => 'task.update').join();
  const request = { method: 'POST', headers, body: JSON.stringify(Object.fromEntries(inputs.entries())) };
  const text = await (await fetch(`${base}/${paths}?batch=1`, request)).text();
  expect(proxy.roundTrips() - before).toBe(1);
  expect([...text.matchAll(/"title ([0-9]+)"/g)].map(([, index]) => Number(index))).toEqual([...inputs.keys()]);
  expect((await call(caller, 'task.get', { id })).data).toMatchObject({ title: 'title 19', version: 21 });
});

test('a batch in which every input is refused takes no round trip', async () => {
  const before = proxy.roundTrips();
  const refused: Calls[0] = ['task.create', { title: '' }];
  const results = await sendBatch(createUser(), [refused, refused, refused]);
  expect(results.map(({ error }) => error?.data.code)).toEqual(['BAD_REQUEST', 'BAD_REQUEST', 'BAD_REQUEST']);
  expect(proxy.roundTrips()).toBe(before);
});

test('equal calls in one batch with one operationId are applied once', async () => {
  const caller = createUser();
  const [id, operationId] = [randomUUID(), randomUUID()];
  const update: Calls[0] = ['task.update', { id, title: 'once', operationId }];
  const results = await sendBatch(caller, [
    ['task.create', { id, title: 'new' }],
    update,
    update,
    ['task.update', { id, title: 'other', operationId }],
    ['task.update', { id, title: 'later' }],
    update,
  ]);
  expect(results.map(({ result, error }) => result?.data['version'] ?? error?.data.code)).toEqual([
    1,
    2,
    2,
    'CONFLICT',
    3,
    3,
  ]);
});
