import type { List } from '@holdfast/client';
import { expect, test } from 'vitest';
import { errorOf, signUpPerson, startServer } from './fixture.ts';

const server = await startServer();

test('move changes the list of tasks and reports a missing task', async () => {
  const ada = await signUpPerson(server);
  const list = await ada.runJson<List>('lists', 'add', 'Money');
  const [a, b] = [await ada.runJson('add', 'a'), await ada.runJson('add', 'b')];
  expect(await ada.runJson('move', a.id, b.id, '--list', 'money')).toMatchObject([
    { id: a.id, listId: list.id },
    { id: b.id, listId: list.id },
  ]);
  const missing = '018f0000-0000-7000-8000-000000000000';
  const partly = await ada.run(['move', missing, a.id, '--inbox', '--json']);
  expect(partly.code).toBe(1);
  expect(errorOf(partly)).toMatchObject({ code: 'NOT_FOUND', id: missing });
  expect(JSON.parse(partly.stdout)).toMatchObject([{ id: a.id, listId: null }]);
  expect(errorOf(await ada.run(['move', a.id, '--json']))).toMatchObject({ code: 'USAGE' });
});

test('lists can be added, renamed, deleted with their tasks and restored', async () => {
  const ada = await signUpPerson(server);
  const { id } = await ada.runJson<List>('lists', 'add', 'Two', 'words');
  await ada.runJson('add', 'Pay @"two words"');
  expect(await ada.runJson<List>('lists', 'rename', 'TWO WORDS', 'One')).toMatchObject({ id, name: 'One' });
  expect((await ada.run(['lists'])).stdout).toBe(`${id}\tOne\n`);
  expect(await ada.run(['lists', 'delete', 'one'])).toMatchObject({ code: 2 });
  expect(await ada.runJson('lists', 'delete', 'one', '--yes')).toMatchObject({ id });
  expect(await ada.runJson('lists')).toEqual([]);
  expect(await ada.runJson('list')).toEqual([]);
  expect(await ada.runJson<List>('lists', 'restore', id)).toMatchObject({ id, name: 'One' });
  expect(await ada.runJson('list', '--list', 'one')).toHaveLength(1);
  expect((await ada.run(['lists', 'restore', '018f0000-0000-7000-8000-000000000000'])).stderr).toBe(
    'No list in the trash has this ID.\n',
  );
  await ada.run(['lists', 'delete', 'one', '--move-to', 'inbox', '--yes']);
  expect(await ada.runJson('list', '--list', 'inbox')).toHaveLength(1);
});

test('lists with the same name are refused and can be chosen by ID', async () => {
  const ada = await signUpPerson(server);
  const first = await ada.runJson<List>('lists', 'add', 'Home');
  await ada.runJson('lists', 'add', 'Home');
  expect(errorOf(await ada.run(['list', '--list', 'home', '--json']))).toMatchObject({ code: 'AMBIGUOUS_ID' });
  expect(await ada.runJson('add', 'a', '--list', first.id)).toMatchObject({ listId: first.id });
});

test('labels shows the number of tasks, and rename changes all of them', async () => {
  const ada = await signUpPerson(server);
  for (const title of ['a #home', 'b #home', 'c #work']) await ada.run(['add', title]);
  expect((await ada.run(['labels'])).stdout).toBe('2\thome\n1\twork\n');
  expect(await ada.runJson('labels', 'rename', 'home', 'House')).toEqual({ count: 2 });
  expect(await ada.runJson('labels')).toEqual([
    { name: 'House', count: 2 },
    { name: 'work', count: 1 },
  ]);
});

test('a list can be archived and taken back into use', async () => {
  const ada = await signUpPerson(server);
  const { id } = await ada.runJson<List>('lists', 'add', 'Money');
  const { archivedAt } = await ada.runJson<List>('lists', 'archive', 'money');
  expect(Date.parse(archivedAt!)).toBeGreaterThan(0);
  expect(await ada.runJson<List>('lists', 'unarchive', id)).toMatchObject({ archivedAt: null });
});
