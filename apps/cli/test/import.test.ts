import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportedData, Task } from '@holdfast/client';
import { expect, test } from 'vitest';
import { errorOf, type Person, signUpPerson, startServer } from './fixture.ts';

const server = await startServer();
const limited = await startServer({ RATE_LIMIT_PER_MINUTE: '40' });

const header = 'TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE';
const work = [
  header,
  'task,Write the report @office,First draft,1,1,,,2030-12-05,en,Europe/Berlin',
  'task,Collect numbers,,4,2,,,every monday,en,Europe/Berlin',
  'task,Ask Ben,,3,2,,,,,',
].join('\n');

async function save(person: Person, files: Record<string, string | Buffer>): Promise<string[]> {
  const paths = Object.keys(files).map((name) => join(person.home, name));
  await Promise.all(paths.map((path, at) => writeFile(path, Object.values(files)[at]!)));
  return paths;
}

const readAll = async (person: Person) => JSON.parse((await person.run(['export'])).stdout) as ExportedData;

test('files of Todoist become lists in their order, a second import changes nothing, and later edits stay', async () => {
  const ada = await signUpPerson(server);
  await ada.runJson('lists', 'add', 'WORK');
  const paths = await save(ada, { 'Work [22].csv': work, 'Inbox.csv': `${header}\ntask,Loose,,4,1,,,,,` });
  const { stdout, stderr } = await ada.run(['import', ...paths]);
  expect(stdout).toBe('Created 4, unchanged 0, different 0.\n');
  expect(stderr).toBe(
    [
      'Work [22].csv, line 3: Repeated tasks are not supported. The task has the next date.',
      'Work [22].csv, lines 3, 4: Subtasks are not supported. The description names the parent task.',
      'Some values could not be imported as they are. --json shows all of them.\n',
    ].join('\n'),
  );
  const list = await ada.runJson<Task[]>('list', '--list', 'work', '--sort', 'position');
  expect(list.map(({ title }) => title)).toEqual(['Write the report', 'Collect numbers', 'Ask Ben']);
  expect(list[0]).toMatchObject({
    description: 'First draft',
    due: { date: '2030-12-05' },
    priority: 3,
    labels: ['office'],
    version: 1,
  });
  const before = await readAll(ada);
  expect(before.lists.map(({ name }) => name)).toEqual(['WORK']);
  const again = await ada.run(['import', ...paths, '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({ created: 0, unchanged: 4, conflicts: [] });
  expect(await readAll(ada)).toEqual(before);
  await ada.run(['edit', list[0]!.id, '--title', 'Mine']);
  const third = await ada.runJson<object>('import', ...paths);
  expect(third).toMatchObject({ created: 0, unchanged: 3, conflicts: [{ kind: 'task', id: list[0]!.id }] });
  expect((await ada.runJson('show', list[0]!.id)).title).toBe('Mine');
});

test('a dry run shows the lists, dates and titles of a file, and imports nothing', async () => {
  const ada = await signUpPerson(server);
  const text = 'title,list,due,done\nWater,Home,2030-12-05 09:00,\nOld,,,yes\n';
  const [path] = await save(ada, { 'tasks.csv': text });
  const { stdout, stderr } = await ada.run(['import', path!, '--dry-run']);
  expect(stdout).toBe('Home\t2030-12-05 09:00\topen\tWater\ninbox\t\tdone\tOld\n');
  expect(stderr).toBe('Read 2 tasks and 1 new list (csv). Nothing was sent.\n');
  const json = await ada.runJson<{ formats: string[]; tasks: Task[] }>('import', path!, '--dry-run');
  expect(json).toMatchObject({ formats: ['csv'], lists: [{ name: 'Home' }], tasks: [{ title: 'Water' }, {}] });
  expect(await readAll(ada)).toEqual({ lists: [], tasks: [] });
});

test('the format and the encoding of a file can be given, and wrong ones are refused with a sentence', async () => {
  const ada = await signUpPerson(server);
  const csv = '"Subject","Due Date","% Complete"\n"Äpfel","12/24/2030","0"\n';
  const [latin, utf16, json] = await save(ada, {
    'latin.csv': Buffer.from(csv, 'latin1'),
    'utf16.csv': Buffer.from(`\uFEFF${csv.replace('Äpfel', 'Birnen')}`, 'utf16le'),
    'tasks.json': '[{"title":"Nüsse"}]',
  });
  expect(errorOf(await ada.run(['import', latin!, '--json']))).toMatchObject({
    code: 'USAGE',
    message: 'latin.csv is not valid UTF-8. Name its encoding, such as --encoding windows-1252.',
  });
  expect(errorOf(await ada.run(['import', latin!, '--encoding', 'x', '--json']))).toMatchObject({ code: 'USAGE' });
  await ada.runJson('import', latin!, '--encoding', 'windows-1252', '--from', 'microsoft-to-do');
  await ada.runJson('import', utf16!);
  await ada.runJson('import', json!, '--from', 'json');
  expect((await ada.runJson<Task[]>('list')).map(({ title }) => title).toSorted()).toEqual([
    'Birnen',
    'Nüsse',
    'Äpfel',
  ]);
  expect(errorOf(await ada.run(['import', json!, '--from', 'todoist', '--json']))).toMatchObject({
    code: 'FILE_FAILED',
  });
});

test('stdin is read as a file of another app into the inbox', async () => {
  const ada = await signUpPerson(server);
  await ada.run(['import', '-'], { input: work });
  expect((await readAll(ada)).tasks.map(({ listId }) => listId)).toEqual([null, null, null]);
});

test('an import that ends in the middle says how much is imported and how to go on', async () => {
  const ada = await signUpPerson(limited);
  const rows = Array.from({ length: 1_200 }, (_, at) => `task ${at},${'x'.repeat(1_000)}`);
  const [path] = await save(ada, { 'many.csv': ['title,description', ...rows].join('\n') });
  // Each call counts as one for each started 16 KiB, so the second one is over the limit.
  const first = await ada.run(['import', path!, '--json']);
  const lines = first.stderr.trim().split('\n');
  const { warning } = JSON.parse(lines.at(-2)!) as { warning: { message: string } };
  expect(warning.message).toBe('Imported 500 of 1200 lists and tasks. Run the command again to go on.');
  expect(errorOf({ ...first, stderr: lines.at(-1)! })).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
});

test('a user creates a calendar URL, which shows the due tasks until it is revoked', async () => {
  const ada = await signUpPerson(server);
  await ada.run(['add', 'Water the plants', '--due', '2030-12-05']);
  expect((await ada.run(['calendar'])).stdout).toBe(
    'There is no calendar URL. Create one with `tasks calendar create`.\n',
  );
  const { stdout } = await ada.run(['calendar', 'create']);
  expect(stdout).toMatch(new RegExp(String.raw`^${server}/calendar/[\w-]{54}\.ics\n$`));
  expect(await (await fetch(stdout.trim())).text()).toContain('SUMMARY:Water the plants');
  expect((await ada.run(['calendar'])).stdout).toMatch(/^There is a calendar URL since 20/);
  expect(await ada.runJson('calendar', 'revoke')).toEqual({ server });
  expect((await fetch(stdout.trim())).status).toBe(404);
  expect(await ada.runJson('calendar')).toEqual({ createdAt: null });
});
