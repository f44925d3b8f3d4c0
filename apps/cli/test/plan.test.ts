import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createClient, type List, type Task } from '@holdfast/client';
import { describe, expect, test } from 'vitest';
import {
  atTerminal,
  errorOf,
  hasTerminal,
  loginPath,
  type Person,
  signUpPerson,
  startOtherServer,
  startServer,
} from './fixture.ts';

const server = await startServer();
const titles = (tasks: Task[]) => tasks.map(({ title }) => title);

async function readSession(person: Person): Promise<string> {
  return (JSON.parse(await readFile(loginPath(person, server), 'utf8')) as { session: string }).session;
}

async function setZone(person: Person, timeZone: string): Promise<void> {
  const session = await readSession(person);
  await createClient({ url: server, getToken: () => session }).user.update({ timeZone });
}

const toDay = (timeZone: string, days: number) =>
  new Date(Date.now() + days * 86_400_000).toLocaleDateString('sv-SE', { timeZone });

/** A server that passes requests on to Holdfast and records their paths. */
async function startRecorder(): Promise<{ url: string; paths: string[] }> {
  const paths: string[] = [];
  const url = await startOtherServer((req, res) => {
    paths.push(req.url!.replace(/\?.*/, ''));
    const { method, headers } = req;
    req.pipe(
      request(`${server}${req.url}`, { method: method!, headers }, (found) =>
        found.pipe(res.writeHead(found.statusCode!, found.headers)),
      ),
    );
  });
  return { url, paths };
}

test('add takes date, labels, list and priority out of its words and says so on stderr', async () => {
  const ada = await signUpPerson(server);
  const list = await ada.runJson<List>('lists', 'add', 'Money', 'matters');
  const words = 'Pay rent 2031-12-01 9am #home @"money matters" !!';
  expect(await ada.runJson('add', words)).toMatchObject({
    title: 'Pay rent',
    due: { date: '2031-12-01', time: '09:00' },
    labels: ['home'],
    listId: list.id,
    priority: 2,
  });
  const { stdout, stderr } = await ada.run(['add', words]);
  expect(stderr).toBe('Pay rent · due Mon 1 Dec 2031 09:00 · #home · @"money matters" · priority medium\n');
  expect(stdout).toMatch(/\tPay rent\n$/);
  expect((await ada.run(['add', 'Pay rent'])).stderr).toBe('');
});

test('options of add win over its words, and literal and stdin leave the words in the title', async () => {
  const ada = await signUpPerson(server);
  const list = await ada.runJson<List>('lists', 'add', 'Work');
  const words = 'Pay 2031-12-01 #home @missing !!';
  const options = [
    '--due',
    '2031-01-02',
    '--list',
    'WORK',
    '--label',
    '#bills',
    '--label',
    'HOME',
    '--priority',
    'low',
  ];
  expect(await ada.runJson('add', words, ...options)).toMatchObject({
    title: 'Pay',
    due: { date: '2031-01-02' },
    labels: ['bills', 'HOME'],
    listId: list.id,
    priority: 1,
  });
  const plain = { title: words, due: null, labels: [], listId: null, priority: 0 };
  expect(await ada.runJson('add', '--literal', words)).toMatchObject(plain);
  const { stdout } = await ada.run(['add', '-', '--json'], { input: words });
  expect(JSON.parse(stdout)).toMatchObject(plain);
});

test('a list that does not exist is an error that names the command to create it', async () => {
  const ada = await signUpPerson(server);
  for (const args of [
    ['add', 'Pay @money'],
    ['add', 'Pay', '--list', 'money'],
    ['list', '--list', 'money'],
  ]) {
    const { code, stderr } = await ada.run(args);
    expect(code).toBe(1);
    expect(stderr).toContain("You have no list 'money'. Create it with `tasks lists add 'money'`.");
  }
  expect(await ada.runJson('list')).toEqual([]);
});

test('tomorrow is the next day in the zone of the user', async () => {
  const ada = await signUpPerson(server);
  for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    await setZone(ada, timeZone);
    const before = toDay(timeZone, 1);
    const { due } = await ada.runJson('add', 'Water the plants tomorrow');
    expect([before, toDay(timeZone, 1)]).toContain(due!.date);
  }
});

test('add asks for the zone only if the text has a date, and for lists only if it names one', async () => {
  const ada = await signUpPerson(server);
  const { url, paths } = await startRecorder();
  const env = { HOLDFAST_TOKEN: await readSession(ada), HOLDFAST_URL: url };
  expect((await ada.run(['add', 'Water the plants #home !'], { env })).code).toBe(0);
  expect(paths.splice(0)).toEqual(['/trpc/task.create']);
  expect((await ada.run(['add', 'Water the plants tomorrow'], { env })).code).toBe(0);
  expect(paths.splice(0)).toEqual(['/trpc/user.me', '/trpc/task.create']);
  expect((await ada.run(['add', 'Water @inbox tomorrow'], { env })).code).toBe(0);
  expect(paths).toEqual([
    expect.stringMatching(/^\/trpc\/(user\.me,list\.list|list\.list,user\.me)$/),
    '/trpc/task.create',
  ]);
});

test('list filters by list, label, due date and priority, and sorts', async () => {
  const ada = await signUpPerson(server);
  await ada.runJson('lists', 'add', 'Money');
  await ada.runJson('add', 'beta 2031-12-02 @money #home !');
  await ada.runJson('add', 'alpha 2031-12-01 @money !!!');
  await ada.runJson('add', 'gamma #home');
  const list = async (...args: string[]) => titles(await ada.runJson<Task[]>('list', ...args));
  expect(await list('--list', 'money', '--sort', 'due')).toEqual(['alpha', 'beta']);
  expect(await list('--list', 'inbox')).toEqual(['gamma']);
  expect(await list('--label', 'HOME', '--sort', 'title')).toEqual(['beta', 'gamma']);
  expect(await list('--due', '2031-12-02..')).toEqual(['beta']);
  expect(await list('--due', 'none')).toEqual(['gamma']);
  expect(await list('--priority', 'high')).toEqual(['alpha']);
  expect(await list('--sort', 'priority')).toEqual(['alpha', 'beta', 'gamma']);
  expect(errorOf(await ada.run(['list', '--due', 'sometime', '--json']))).toMatchObject({ code: 'USAGE' });
});

test('today lists open tasks that are due today or earlier, the earliest first', async () => {
  const ada = await signUpPerson(server);
  const zone = 'Pacific/Kiritimati';
  await setZone(ada, zone);
  for (const [title, due] of [
    ['late', toDay(zone, -2)],
    ['now', toDay(zone, 0)],
    ['done', toDay(zone, -1)],
    ['later', toDay(zone, 3)],
  ] as const) {
    await ada.runJson('add', '--literal', title, '--due', due);
  }
  await ada.runJson('add', 'some day');
  const [done] = await ada.runJson<Task[]>('search', 'done');
  await ada.run(['done', done!.id]);
  expect(titles(await ada.runJson<Task[]>('today'))).toEqual(['late', 'now']);
});

test('search finds parts of words, and done tasks only with all or done', async () => {
  const ada = await signUpPerson(server);
  await ada.run(['add', 'Café in Zürich #travel']);
  const tea = await ada.runJson('add', 'Tea in Zug #travel');
  await ada.run(['done', tea.id]);
  const search = async (...args: string[]) => titles(await ada.runJson<Task[]>('search', ...args));
  expect(await search('zur', 'cafe')).toEqual(['Café in Zürich']);
  expect(await search('travel')).toEqual(['Café in Zürich']);
  expect(await search('travel', '--all', '--sort', 'title')).toEqual(['Café in Zürich', 'Tea in Zug']);
  expect(await search('nothing')).toEqual([]);
});

test('edit sets and removes due date, list, labels and priority', async () => {
  const ada = await signUpPerson(server);
  const list = await ada.runJson<List>('lists', 'add', 'Money');
  const { id } = await ada.runJson('add', 'Pay');
  const options = ['--due', '2031-12-01 9am Europe/Berlin', '--list', 'money', '--label', 'home', '--priority', 'high'];
  expect(await ada.runJson('edit', id, ...options)).toMatchObject({
    due: { date: '2031-12-01', time: '09:00', timeZone: 'Europe/Berlin' },
    listId: list.id,
    labels: ['home'],
    priority: 3,
  });
  expect((await ada.run(['show', id])).stdout).toContain(
    `due      Mon 1 Dec 2031 09:00 Europe/Berlin\npriority high\nlabels   #home\nlist     ${list.id}\n`,
  );
  expect(
    await ada.runJson('edit', id, '--due', 'none', '--list', 'inbox', '--clear-labels', '--priority', 'none'),
  ).toMatchObject({ due: null, listId: null, labels: [], priority: 0 });
});

describe.skipIf(!hasTerminal)('at a terminal', () => {
  test('a list shows due dates, priorities, labels and lists of tasks', async () => {
    const ada = await signUpPerson(server);
    await setZone(ada, 'Asia/Tokyo');
    await ada.runJson('lists', 'add', 'Money');
    await ada.runJson('add', '--literal', 'late', '--due', toDay('Asia/Tokyo', -400), '--priority', 'high');
    await ada.runJson('add', 'later 2099-12-05 9am #home @money');
    const { screen } = await atTerminal(ada, 'tasks list', { env: { NO_COLOR: '1' } });
    expect(screen).toContain('○ later  5 Dec 2099 09:00 #home @Money');
    expect(screen).toMatch(/○ late {2}overdue \d+ [A-Z][a-z]+ \d{4} !!!/);
    expect((await atTerminal(ada, 'tasks list')).screen).toContain('\u001b[31m  overdue');
    expect((await atTerminal(ada, 'tasks today', { env: { NO_COLOR: '1' } })).screen).not.toContain('later');
  });
});

test('profile changes the name and the time zone, in which dates are shown', async () => {
  const ada = await signUpPerson(server);
  expect(await ada.runJson('profile', '--time-zone', 'pacific/auckland')).toMatchObject({
    timeZone: 'Pacific/Auckland',
  });
  expect((await ada.run(['profile', '--name', 'Ada L.'])).stdout).toBe('name\tAda L.\ntime zone\tPacific/Auckland\n');
  expect(await ada.runJson('profile', '--time-zone', 'none')).toMatchObject({ name: 'Ada L.', timeZone: null });
  expect(errorOf(await ada.run(['profile', '--time-zone', 'Mars', '--json']))).toMatchObject({ code: 'BAD_REQUEST' });
});
