import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createUser, openFixture } from './fixture.ts';
import { openServer, procedures } from './http.ts';

const { db, as } = await openFixture();
const { call } = await openServer(db);
const caller = createUser({ email: 'ann@example.org', name: 'Ann' });
const { task, user } = as(caller);

const taskKeys = ['completed', 'completedAt', 'createdAt', 'description', 'id', 'title', 'updatedAt', 'version'];
const userKeys = ['createdAt', 'email', 'id', 'name'];

/** Every procedure once, in an order that works. */
async function answers() {
  const created = await task.create({ title: 'one', description: 'text', completed: true });
  const { id } = created;
  return [
    { path: 'task.create', keys: taskKeys, answer: created },
    { path: 'task.get', keys: taskKeys, answer: await task.get({ id }) },
    { path: 'task.update', keys: taskKeys, answer: await task.update({ id, completed: false }) },
    { path: 'task.list', keys: ['items', 'nextCursor'], answer: await task.list({ limit: 1 }) },
    { path: 'task.delete', keys: ['id'], answer: await task.delete({ id }) },
    { path: 'user.me', keys: userKeys, answer: await user.me() },
  ];
}

const all = await answers();

test('every procedure is among these answers', () => {
  expect(all.map(({ path }) => path).sort()).toEqual(Object.keys(procedures).sort());
});

test.each(all)('$path answers with exactly the promised keys', ({ keys, answer }) => {
  expect(Object.keys(answer).sort()).toEqual(keys);
});

test('a task in a list has exactly the promised keys', async () => {
  await task.create({ title: 'one' });
  const { items } = await task.list();
  for (const item of items) expect(Object.keys(item).sort()).toEqual(taskKeys);
});

test.each(all)('$path answers with plain JSON', ({ answer }) => {
  expect(structuredClone(answer)).toStrictEqual(JSON.parse(JSON.stringify(answer)));
});

test.each(all)('every time of $path is ISO 8601 in UTC with milliseconds', ({ answer }) => {
  const times = JSON.stringify(answer).matchAll(/"\w+At":"([^"]*)"/g);
  for (const [, time] of times) expect(new Date(time!).toISOString()).toBe(time);
});

test('what a caller in the process gets is what comes over HTTP', async () => {
  const { id } = await task.create({ title: '“naïve” 😀', description: 'a\nb' });
  expect((await call(caller, 'task.get', { id })).data).toEqual(await task.get({ id }));
  expect((await call(caller, 'task.list')).data).toEqual(await task.list());
});

test('user.me makes the user’s row with what the token says', async () => {
  const fresh = createUser({ email: 'bob@example.org', name: 'Bob' });
  const me = await as(fresh).user.me();
  expect(me).toMatchObject({ id: fresh.userId, email: 'bob@example.org', name: 'Bob' });
  expect(await as(fresh).user.me()).toEqual(me);
});

test('user.me keeps what is known where the token is silent', async () => {
  const fresh = createUser({ email: 'bob@example.org', name: 'Bob' });
  const me = await as(fresh).user.me();
  expect(await as({ ...fresh, profile: { email: null, name: null } }).user.me()).toEqual(me);
});

test('user.me takes over what the token says anew', async () => {
  const fresh = createUser({ email: 'bob@example.org', name: 'Bob' });
  const me = await as(fresh).user.me();
  const renamed = { ...fresh, profile: { email: null, name: 'Robert' } };
  expect(await as(renamed).user.me()).toEqual({ ...me, name: 'Robert' });
});

test('a first task makes the user’s row too', async () => {
  const fresh = createUser({ email: 'cy@example.org', name: 'Cy' });
  await as(fresh).task.create({ title: 'one' });
  expect(await as({ ...fresh, profile: { email: null, name: null } }).user.me()).toMatchObject({ name: 'Cy' });
});

test('a first call of user.me twenty times at once makes one user', async () => {
  const fresh = createUser({ name: 'Di' });
  const mine = await Promise.all(Array.from({ length: 20 }, () => as(fresh).user.me()));
  expect(new Set(mine.map((me) => JSON.stringify(me))).size).toBe(1);
});

const id = randomUUID();
test.each([
  ['task.create', { title: 'x' }],
  ['task.list', {}],
  ['task.get', { id }],
  ['task.update', { id }],
  ['task.delete', { id }],
  ['user.me', {}],
])('%s refuses a key that it does not know', async (path, input) => {
  for (const key of ['userId', 'user_id', 'version', '__proto__', 'constructor', 'where', '$or']) {
    const json = JSON.parse(JSON.stringify(input).replace(/\}$/, `,"${key}":1}`).replace('{,', '{')) as object;
    const { error } = await call(caller, path, json);
    expect({ key, code: error?.data.code }).toEqual({ key, code: 'BAD_REQUEST' });
  }
});
