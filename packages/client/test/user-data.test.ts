import { createClient } from '@holdfast/client';
import { beforeEach, expect, test } from 'vitest';
import { createStorage, errorOf, openProxy, password, signUpClient, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());

beforeEach(() => {
  proxy.decide = () => 'pass';
});

test('exportAll yields all lists and tasks page by page, and another account imports the pages in order', async () => {
  const [from, to] = [await signUpClient(proxy), await signUpClient(proxy)];
  const { id: listId } = await from.list.create({ name: 'Home' });
  for (const count of [500, 100]) {
    await from.task.createMany({ items: Array.from({ length: count }, (_, at) => ({ title: `${at}`, listId })) });
  }
  const sizes: number[] = [];
  for await (const page of from.user.exportAll()) {
    sizes.push(page.lists.length + page.tasks.length);
    const { lists, tasks } = page;
    expect(await to.user.import({ lists, tasks })).toEqual({ created: sizes.at(-1), unchanged: 0, conflicts: [] });
  }
  expect(sizes).toEqual([500, 101]);
  expect(await to.task.list({ limit: 200, order: 'position' })).toMatchObject({
    items: (await from.task.list({ limit: 200, order: 'position' })).items,
  });
});

test('after user.delete, the user is signed out on this device, and the session has ended on the server', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const { stored: session } = storage;
  const reports: boolean[] = [];
  holdfast.session.onChange((isSignedIn) => reports.push(isSignedIn));
  expect(await holdfast.user.delete({ password })).toBeUndefined();
  await expect.poll(() => reports).toEqual([false]);
  expect([storage.stored, await holdfast.session.isSignedIn()]).toEqual([null, false]);
  expect(await errorOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
  const other = createClient({ url: proxy.url, getToken: () => session });
  expect(await errorOf(other.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a wrong password names the field, and the user stays signed in', async () => {
  const holdfast = await signUpClient(proxy);
  expect(await errorOf(holdfast.user.delete({ password: 'wrong horse' }))).toMatchObject({
    code: 'BAD_REQUEST',
    isRetryable: true,
    validation: { errors: [], properties: { password: { errors: ['is wrong. Check it and try again.'] } } },
  });
  expect(await holdfast.session.isSignedIn()).toBe(true);
  expect(await holdfast.user.me()).toMatchObject({ name: expect.any(String) });
});

test('user.delete is sent once, and after a lost response, the outcome is unknown', async () => {
  const holdfast = await signUpClient(proxy);
  proxy.decide = (path) => (path === '/trpc/user.delete' ? 'lose response' : 'pass');
  proxy.seen.length = 0;
  expect(await errorOf(holdfast.user.delete({ password }))).toMatchObject({ code: 'NETWORK', isRetryable: false });
  expect(proxy.seen.filter((line) => line.includes('user.delete'))).toHaveLength(1);
  expect(await errorOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
});
