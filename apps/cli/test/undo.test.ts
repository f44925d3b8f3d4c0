import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type List, type Task } from '@holdfast/client';
import { describe, expect, test } from 'vitest';
import { atTerminal, errorOf, hasTerminal, loginPath, type Person, signUpPerson, startServer } from './fixture.ts';

const server = await startServer();
const missing = '018f0000-0000-7000-8000-000000000000';
const titles = (tasks: Task[]) => tasks.map(({ title }) => title).toSorted();

const toItems = (length: number) => Array.from({ length }, () => ({ title: 'many', labels: ['many'] }));

async function addAll(person: Person, ...all: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const words of all) ids.push((await person.runJson('add', words)).id);
  return ids;
}

test('undo takes back the last command only, and only once', async () => {
  const ada = await signUpPerson(server);
  expect(errorOf(await ada.run(['undo', '--json']))).toMatchObject({ code: 'NOTHING_TO_UNDO' });
  const [a, b] = await addAll(ada, 'a', 'b');
  expect(await ada.runJson('undo')).toEqual([{ id: b }]);
  expect(titles(await ada.runJson<Task[]>('list'))).toEqual(['a']);
  expect((await ada.run(['undo'])).stderr).toBe('There is nothing to undo.\n');
  expect((await ada.run(['edit', a!, '-t', 'changed', '--due', '2031-12-01'])).code).toBe(0);
  expect((await ada.run(['undo'])).stdout).toBe('Undid edit (1 change).\n');
  expect(await ada.runJson('show', a!)).toMatchObject({ title: 'a', due: null, version: 3 });
});

test('undo reopens done tasks, completes reopened tasks and restores deleted tasks', async () => {
  const ada = await signUpPerson(server);
  const [a, b] = await addAll(ada, 'a', 'b');
  await ada.run(['done', a!, b!]);
  expect(await ada.runJson('undo')).toHaveLength(2);
  expect(await ada.runJson('list')).toHaveLength(2);
  await ada.run(['done', a!]);
  await ada.run(['reopen', a!]);
  await ada.run(['undo']);
  expect(titles(await ada.runJson<Task[]>('list', '--done'))).toEqual(['a']);
  await ada.run(['rm', '--yes', a!, b!]);
  expect((await ada.run(['undo'])).stdout).toBe('Undid rm (2 changes).\n');
  expect(await ada.runJson('list', '--all')).toHaveLength(2);
});

test('undo of done leaves tasks done that were done before, also if they were given by whole IDs', async () => {
  const ada = await signUpPerson(server);
  const [a, b] = await addAll(ada, 'a', 'b');
  await ada.run(['done', a!]);
  expect(await ada.runJson('done', a!, b!)).toHaveLength(2);
  expect(await ada.runJson('undo')).toEqual([{ id: b }]);
  expect(titles(await ada.runJson<Task[]>('list', '--done'))).toEqual(['a']);
});

test('undo with ids reopens these tasks, and undo without ids takes that back', async () => {
  const ada = await signUpPerson(server);
  const [a] = await addAll(ada, 'a');
  await ada.run(['done', a!]);
  expect(await ada.runJson('undo', a!)).toMatchObject([{ id: a, completed: false }]);
  await ada.run(['undo']);
  expect(await ada.runJson('list', '--done')).toHaveLength(1);
});

test('undo moves tasks back to their lists, and undoes changes of lists', async () => {
  const ada = await signUpPerson(server);
  const { id } = await ada.runJson<List>('lists', 'add', 'Money');
  const [a, b] = await addAll(ada, 'a @money', 'b');
  await ada.run(['move', a!, b!, '--inbox']);
  await ada.run(['undo']);
  expect(await ada.runJson('show', a!)).toMatchObject({ listId: id });
  await ada.run(['lists', 'rename', 'money', 'Bills']);
  await ada.run(['undo']);
  expect(await ada.runJson('lists')).toMatchObject([{ name: 'Money' }]);
  await ada.run(['lists', 'delete', 'money', '--yes']);
  expect(await ada.runJson('undo')).toEqual([{ id }]);
  expect(titles(await ada.runJson<Task[]>('list', '--list', 'money'))).toEqual(['a']);
  await ada.run(['lists', 'add', 'Other']);
  await ada.run(['undo']);
  expect(await ada.runJson('lists')).toMatchObject([{ name: 'Money' }]);
});

test('undo does not overwrite a later change of another program', async () => {
  const ada = await signUpPerson(server);
  const [a] = await addAll(ada, 'a');
  await ada.run(['edit', a!, '-t', 'b']);
  const other = { XDG_CONFIG_HOME: join(ada.home, '.other') };
  const login = ['login', ada.email, '--server', server];
  expect((await ada.run(login, { env: { ...other, HOLDFAST_PASSWORD: 'correct horse' } })).code).toBe(0);
  expect((await ada.run(['edit', a!, '-t', 'c'], { env: other })).code).toBe(0);
  const { code, stderr } = await ada.run(['undo']);
  expect(code).toBe(1);
  expect(stderr).toContain(`${a}: The task has changed. Your change was not saved.`);
  expect(await ada.runJson('show', a!)).toMatchObject({ title: 'c' });
});

test('another account at the same server cannot undo a command', async () => {
  const ada = await signUpPerson(server);
  await addAll(ada, 'a');
  const bob = await signUpPerson(server);
  const env = { XDG_CONFIG_HOME: join(ada.home, '.config') };
  const login = ['login', bob.email, '--server', server];
  expect((await ada.run(login, { env: { ...env, HOLDFAST_PASSWORD: 'correct horse' } })).code).toBe(0);
  expect((await ada.run(['undo'])).stderr).toBe('There is nothing to undo.\n');
  expect(await readdir(join(ada.home, '.config/holdfast/undo'))).toHaveLength(1);
});

test('done and rm change all open tasks that match a filter, with --yes', async () => {
  const ada = await signUpPerson(server);
  await ada.runJson('lists', 'add', 'Money');
  await addAll(ada, 'a #home', 'b #home @money', 'c @money', 'd on 2031-12-01');
  expect(await ada.run(['done', '--label', 'home'])).toMatchObject({ code: 2, stdout: '' });
  expect(await ada.runJson('done', '--label', 'home', '--yes')).toHaveLength(2);
  expect(await ada.runJson('rm', '--list', 'money', '--yes')).toHaveLength(1);
  expect(titles(await ada.runJson<Task[]>('list', '--all'))).toEqual(['a', 'b', 'd']);
  expect(await ada.runJson('done', '--due', '..2031-12-31', '--yes')).toMatchObject([{ title: 'd' }]);
  expect(await ada.runJson('done', '--due', 'none', '--yes')).toEqual([]);
  for (const wrong of [['done'], ['rm', '--yes'], ['done', missing, '--label', 'home']]) {
    expect(errorOf(await ada.run([...wrong, '--json']))).toMatchObject({ code: 'USAGE' });
  }
});

test('a filter can match more tasks than one call may change, and undo takes all of it back', async () => {
  const ada = await signUpPerson(server);
  const { session } = JSON.parse(await readFile(loginPath(ada, server), 'utf8')) as { session: string };
  const { task } = createClient({ url: server, getToken: () => session });
  await task.createMany({ items: toItems(500) });
  await task.createMany({ items: toItems(20) });
  expect(await ada.runJson('rm', '--label', 'many', '--yes')).toHaveLength(520);
  expect(await task.count()).toEqual({ count: 0 });
  expect(await ada.runJson('undo')).toHaveLength(520);
  expect(await ada.runJson('done', '--label', 'many', '--yes')).toHaveLength(520);
  expect(await task.count({ completed: false })).toEqual({ count: 0 });
  expect((await ada.run(['undo'])).stdout).toBe('Undid done (520 changes).\n');
  expect(await task.count({ completed: false })).toEqual({ count: 520 });
});

test('the trash can be listed, restored and emptied', async () => {
  const ada = await signUpPerson(server);
  const [a, b, c] = await addAll(ada, 'a', 'b', 'c');
  await ada.run(['rm', '--yes', a!, b!]);
  expect(titles(await ada.runJson<Task[]>('trash'))).toEqual(['a', 'b']);
  const end = a!.replaceAll('-', '').slice(-12);
  expect(await ada.runJson('trash', '--restore', end, c!)).toMatchObject([{ id: a }, { id: c }]);
  expect(await ada.runJson('undo')).toEqual([{ id: a }]);
  expect(titles(await ada.runJson<Task[]>('list'))).toEqual(['c']);
  const partly = await ada.run(['trash', '--restore', missing, a!, '--json']);
  expect(errorOf(partly)).toMatchObject({ code: 'NOT_FOUND', id: missing });
  expect(await ada.run(['trash', '--empty'])).toMatchObject({ code: 2, stdout: '' });
  expect(await ada.runJson('trash', '--empty', '--yes')).toEqual({ count: 1 });
  expect(await ada.runJson('trash')).toEqual([]);
  expect((await ada.run(['undo'])).stderr).toBe('You cannot undo the last command (trash --empty).\n');
  expect(await ada.runJson('trash', '--empty', '--yes')).toEqual({ count: 0 });
});

describe.skipIf(!hasTerminal)('at a terminal', () => {
  test('a filter and the trash ask with the number of tasks', async () => {
    const ada = await signUpPerson(server);
    await addAll(ada, 'a #home', 'b #home', 'c');
    const refused = await atTerminal(ada, 'tasks done --label home', { exchanges: [[/2 tasks .*done\?/, 'n']] });
    expect(refused).toMatchObject({ code: 1, screen: expect.stringContaining('Nothing changed.') });
    const moved = await atTerminal(ada, 'tasks rm --label home', { exchanges: [[/2 tasks .*trash\?/, 'y']] });
    expect(moved).toMatchObject({ code: 0, screen: expect.stringContaining('to the trash.') });
    const emptied = await atTerminal(ada, 'tasks trash --empty', { exchanges: [[/Delete 2 tasks for good\?/, 'y']] });
    expect(emptied).toMatchObject({ code: 0, screen: expect.stringContaining('Deleted 2 tasks for good.') });
    expect(titles(await ada.runJson<Task[]>('list'))).toEqual(['c']);
  });
});
