import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createUser, openFixture } from './fixture.ts';
import { openServer, post } from './http.ts';

const { db } = await openFixture();
const { call, send } = await openServer(db);

async function sendBatch(caller: ReturnType<typeof createUser>, calls: [path: string, input: object][]) {
  const body = JSON.stringify(Object.fromEntries(calls.map(([, input], index) => [index, input])));
  const { text } = await send(caller, `${calls.map(([path]) => path).join(',')}?batch=1`, post(body));
  return JSON.parse(text) as { result?: { data: Record<string, unknown> }; error?: { data: { code: string } } }[];
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
