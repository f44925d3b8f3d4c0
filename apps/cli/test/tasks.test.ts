import { randomUUID } from 'node:crypto';
import type { Task } from '@holdfast/client';
import { expect, test } from 'vitest';
import { errorOf, signUpPerson, startServer } from './fixture.ts';

const server = await startServer();
const end = (id: string) => id.replaceAll('-', '').slice(-8);

test('a task can be added, listed, shown, done, reopened, edited and deleted', async () => {
  const ada = await signUpPerson(server);
  const task = await ada.runJson('add', 'Water', 'the plants', '--description', 'All of them');
  expect(task).toEqual({
    id: expect.any(String),
    title: 'Water the plants',
    description: 'All of them',
    completed: false,
    completedAt: null,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
    version: 1,
    listId: null,
    due: null,
    priority: 0,
    labels: [],
    position: expect.any(String),
    deletedAt: null,
  });
  const { id } = task;
  expect(await ada.runJson('list')).toEqual([task]);
  expect(await ada.runJson('show', end(id))).toEqual(task);
  const [done] = await ada.runJson<Task[]>('done', end(id));
  expect(done).toMatchObject({ id, completed: true, version: 2 });
  expect(await ada.runJson('list')).toEqual([]);
  expect(await ada.runJson('list', '--done')).toEqual([done]);
  expect(await ada.runJson('undo', id)).toMatchObject([{ id, completed: false, version: 3 }]);
  expect(await ada.runJson('edit', id, '-t', 'Water some plants', '--clear-description')).toMatchObject({
    title: 'Water some plants',
    description: null,
  });
  expect(await ada.runJson('edit', end(id), '-d', 'these')).toMatchObject({ description: 'these' });
  expect(await ada.runJson('rm', '--yes', end(id))).toEqual([{ id }]);
  expect(await ada.runJson('list', '--all')).toEqual([]);
});

test('in a pipe, each task is one line with tabs, even if its title has line breaks', async () => {
  const ada = await signUpPerson(server);
  const title = 'two\nlines\tand \u001b]0;a window\u0007 and \u009b31m red \u202e drawkcab';
  await ada.run(['add', '--', title]);
  const [task] = await ada.runJson<Task[]>('list');
  expect(task).toMatchObject({ title });
  const { stdout } = await ada.run(['list']);
  expect(stdout).toBe(
    `${task!.id}\topen\t${task!.createdAt}\ttwo\\u000alines\\u0009and \\u001b]0;a window\\u0007 and \\u009b31m red \\u202e drawkcab\n`,
  );
  for (const args of [
    ['list', '--json'],
    ['show', task!.id],
    ['done', task!.id],
    ['show', 'ffffffff'],
  ]) {
    const { stdout, stderr } = await ada.run(args);
    // oxlint-disable-next-line no-control-regex
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});

test('add reads the title and description from stdin', async () => {
  const ada = await signUpPerson(server);
  const add = async (input: string, ...more: string[]) => ada.run(['add', '-', '--json', ...more], { input });
  expect(JSON.parse((await add('Water the plants\n')).stdout)).toMatchObject({
    title: 'Water the plants',
    description: null,
  });
  const whole = JSON.parse((await add('Review\r\n\r\nLine 1\r\n  Line 2\r\n')).stdout) as Task;
  expect(whole).toMatchObject({ title: 'Review', description: 'Line 1\n  Line 2' });
  expect(errorOf(await add(' \n\n'))).toMatchObject({ code: 'USAGE' });
  expect(errorOf(await add('a\n\nb', '-d', 'c'))).toMatchObject({ code: 'USAGE' });
  expect((await ada.run(['add', '   ', '--json'])).code).toBe(1);
});

test('list accepts an order, a limit and filters', async () => {
  const ada = await signUpPerson(server);
  for (let index = 0; index < 6; index += 1) await ada.run(['add', `task ${index}`]);
  const tasks = await ada.runJson<Task[]>('list');
  expect(tasks.map(({ title }) => title)).toEqual(['task 5', 'task 4', 'task 3', 'task 2', 'task 1', 'task 0']);
  expect(await ada.runJson('list', '--oldest', '--limit', '2')).toEqual(tasks.slice(-2).toReversed());
  await ada.run(['done', tasks[0]!.id, tasks[1]!.id]);
  expect(await ada.runJson('list')).toHaveLength(4);
  expect(await ada.runJson('list', '--all', '-n', '1000')).toHaveLength(6);
  expect(await ada.runJson('list', '--done')).toHaveLength(2);
  for (const wrong of [['-n', '0'], ['-n', 'x'], ['--all', '--done'], ['--limit']]) {
    expect((await ada.run(['list', ...wrong])).code).toBe(2);
  }
});

test('a unique start or end of an id identifies a task', async () => {
  const ada = await signUpPerson(server);
  const first = await ada.runJson('add', 'first');
  const second = await ada.runJson('add', 'second');
  // The start that IDs share for hours. The next character changes every minute.
  const common = first.id.slice(0, 6);
  expect(second.id.slice(0, 6)).toBe(common);
  const refused = await ada.run(['show', common, '--json']);
  expect(refused.code).toBe(1);
  expect(errorOf(refused)).toMatchObject({
    code: 'AMBIGUOUS_ID',
    id: common,
    candidates: [second, first],
  });
  const lines = (await ada.run(['done', common])).stderr.split('\n');
  expect(lines.slice(1, 3)).toEqual([`  ${second.id}  second`, `  ${first.id}  first`]);
  expect(await ada.runJson('list')).toHaveLength(2);

  const unique = first.id.slice(0, 23);
  for (const part of [unique, unique.toUpperCase(), unique.replaceAll('-', ''), first.id.slice(-4), end(first.id)]) {
    expect(await ada.runJson('show', part)).toEqual(first);
  }
  expect(errorOf(await ada.run(['show', 'abcdefabcdef', '--json']))).toMatchObject({ code: 'NOT_FOUND' });
  for (const wrong of ['abc', 'not an id', '../../x', `${first.id}0`]) {
    expect(await ada.run(['show', wrong])).toMatchObject({ code: 2 });
  }
});

test('done changes no task if a part of an id matches none, and changes the others if one task does not exist', async () => {
  const ada = await signUpPerson(server);
  const [a, b] = [await ada.runJson('add', 'a'), await ada.runJson('add', 'b')];
  expect((await ada.run(['done', end(a.id), 'abcdefabcdef'])).code).toBe(1);
  expect(await ada.runJson('list')).toHaveLength(2);

  const missing = randomUUID();
  const partly = await ada.run(['done', a.id, missing, end(b.id), a.id, '--json']);
  expect(partly.code).toBe(1);
  expect(JSON.parse(partly.stdout)).toMatchObject([{ title: 'a' }, { title: 'b' }]);
  expect(errorOf(partly)).toMatchObject({ code: 'NOT_FOUND', id: missing });
  expect((await ada.run(['rm', '-y', a.id, b.id])).stdout).toBe(`${a.id}\n${b.id}\n`);
});

test('a conflict shows the stored task', async () => {
  const ada = await signUpPerson(server);
  const { id } = await ada.runJson('add', 'first words');
  const changed = await ada.runJson('edit', id, '--title', 'second words', '--if-version', '1');
  const args = ['edit', id, '--title', 'third words', '--if-version', '1'];
  const conflict = await ada.run([...args, '--json']);
  expect(conflict).toMatchObject({ code: 1, stdout: '' });
  expect(errorOf(conflict)).toMatchObject({ code: 'CONFLICT', isRetryable: true, isUndone: true, current: changed });
  const { stderr } = await ada.run(args);
  expect(stderr).toMatch(/^The task has changed\. .*\nStored task:\n/);
  expect(stderr).toContain('title    second words\n');
  expect(await ada.runJson('show', id)).toEqual(changed);
});

test('without a terminal, the error names the option to use', async () => {
  const ada = await signUpPerson(server);
  const { id } = await ada.runJson('add', 'a');
  for (const [args, flag] of [
    [['rm', id], '--yes'],
    [['edit', id], '--title'],
    [['login'], 'email'],
    [['login', ada.email], '--password-stdin'],
  ] as const) {
    const { code, stdout, stderr } = await ada.run([...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(flag);
  }
});
