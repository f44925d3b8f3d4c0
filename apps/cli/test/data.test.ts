import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportedData, List, Task } from '@holdfast/client';
import { expect, test } from 'vitest';
import { atTerminal, errorOf, hasTerminal, loginPath, password, signUpPerson, startServer } from './fixture.ts';

const server = await startServer();

test('another account imports an export with the trash, and a second import changes nothing', async () => {
  const [ada, ben] = [await signUpPerson(server), await signUpPerson(server)];
  await ada.runJson<List>('lists', 'add', 'Home');
  await ada.runJson('add', 'Water the plants', '--list', 'Home', '--label', 'garden');
  const { id } = await ada.runJson('add', 'Old');
  await ada.run(['rm', id]);
  const { stdout } = await ada.run(['export']);
  const exported = JSON.parse(stdout) as ExportedData;
  expect(exported).toMatchObject({
    lists: [{ name: 'Home', deletedAt: null }],
    tasks: [{ labels: ['garden'] }, { id }],
  });
  const path = join(ben.home, 'tasks.json');
  await writeFile(path, stdout);
  expect((await ben.run(['import', path])).stdout).toBe('Created 3, unchanged 0, different 0.\n');
  expect(JSON.parse((await ben.run(['export'])).stdout)).toEqual(exported);
  const again = await ben.run(['import', '-', '--json'], { input: stdout });
  expect(JSON.parse(again.stdout)).toEqual({ created: 0, unchanged: 3, conflicts: [] });
  await ben.run(['edit', exported.tasks[0]!.id, '--title', 'Mine']);
  expect((await ben.run(['import', path])).stdout).toBe('Created 0, unchanged 2, different 1.\n');
});

test('a file with more rows than one call accepts is imported as a whole', async () => {
  const ada = await signUpPerson(server);
  const tasks = Array.from({ length: 1_100 }, (_, at) => ({
    id: crypto.randomUUID(),
    title: `${at}`,
    description: at < 300 ? 'x'.repeat(9_000) : null,
  }));
  const { stdout } = await ada.run(['import', '-', '--json'], { input: JSON.stringify({ tasks }) });
  expect(JSON.parse(stdout)).toMatchObject({ created: 1_100 });
  expect(await ada.runJson<Task[]>('list')).toHaveLength(1_100);
});

test('a file that does not exist, or is of no known format, is named in the error', async () => {
  const ada = await signUpPerson(server);
  const path = join(ada.home, 'no.json');
  const missing = await ada.run(['import', path, '--json']);
  expect(errorOf(missing)).toMatchObject({
    code: 'FILE_FAILED',
    message: `Cannot read ${path} (ENOENT). Check the path.`,
  });
  for (const [text, message, ...options] of [
    ['Dear Ada,\n', "The format of no.json is unknown. Name the column of titles 'title'."],
    ['{"x":1}', 'no.json has no tasks. Use an array of objects with a title.'],
    ['title\nx', 'no.json is no export. Use a file of `tasks export`.', '--from', 'holdfast'],
  ] as const) {
    await writeFile(path, text);
    const result = await ada.run(['import', path, '--json', ...options]);
    expect(errorOf(result)).toMatchObject({ code: 'FILE_FAILED', message });
  }
});

test('a task whose list is missing is refused', async () => {
  const ada = await signUpPerson(server);
  const tasks = [{ id: crypto.randomUUID(), title: 'lost', listId: crypto.randomUUID() }];
  expect(errorOf(await ada.run(['import', '-', '--json'], { input: JSON.stringify({ tasks }) }))).toMatchObject({
    code: 'NOT_FOUND',
    message: 'The list of a task is missing. Add it to the file, or restore it.',
  });
});

test('a user deletes the account with the password, and is logged out on this computer', async () => {
  const ada = await signUpPerson(server);
  await ada.runJson('add', 'Last task');
  const wrong = await ada.run(['profile', 'delete', '--password-stdin', '--json'], { input: 'wrong horse' });
  expect(errorOf(wrong)).toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringContaining('password: is wrong.'),
  });
  expect(await ada.runJson<Task[]>('list')).toHaveLength(1);
  const { code, stdout } = await ada.run(['profile', 'delete', '--password-stdin'], { input: `${password}\n` });
  expect([code, stdout]).toEqual([0, `Deleted your account at ${server}.\n`]);
  await expect(stat(loginPath(ada, server))).rejects.toThrow('ENOENT');
  const login = await ada.run(['login', ada.email, '--json'], { env: { HOLDFAST_PASSWORD: password } });
  expect(errorOf(login)).toMatchObject({ code: 'INVALID_EMAIL_OR_PASSWORD' });
});

test('without a terminal and without --password-stdin, no account is deleted', async () => {
  const ada = await signUpPerson(server);
  const env = { HOLDFAST_PASSWORD: password };
  expect(errorOf(await ada.run(['profile', 'delete', '--json'], { env }))).toMatchObject({
    code: 'USAGE',
    message: 'Cannot prompt, because this is not a terminal. Use --password-stdin.',
  });
  expect(await ada.runJson('whoami')).toMatchObject({ email: ada.email });
});

test.skipIf(!hasTerminal)('at a terminal, a prompt asks for the password before the account is deleted', async () => {
  const ada = await signUpPerson(server);
  const { code, screen } = await atTerminal(ada, 'tasks profile delete', {
    exchanges: [[/Password/, `${password}\r`]],
  });
  expect([code, screen]).toEqual([0, expect.stringContaining('You cannot undo it.')]);
  expect(screen).not.toContain(password);
});
