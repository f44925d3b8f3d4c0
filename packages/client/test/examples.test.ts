import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type CreateTaskInput, createClient, type Task } from '@holdfast/client';
import { beforeEach, expect, test } from 'vitest';
import { saveEdit } from '../examples/conflicts.ts';
import { createInfiniteList } from '../examples/infinite-list.ts';
import { showLive } from '../examples/live-list.ts';
import { byPosition, moveTask } from '../examples/move.ts';
import { createAdder, type Row } from '../examples/optimistic-add.ts';
import { isOverdue, planDay } from '../examples/today.ts';
import { errorOf, openProxy, password, refusal, signUpClient, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());

beforeEach(() => {
  proxy.decide = () => 'pass';
});

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');
const titles = (tasks: Task[]) => tasks.map(({ title }) => title).join('');
const toTitles = ({ overdue, today }: Awaited<ReturnType<typeof planDay>>) =>
  [overdue, today].map((tasks) => tasks.map(({ title }) => title).toSorted());
const lists = () => proxy.seen.filter((line) => line === 'GET /trpc/task.list');

test('docs/client-apps.md and docs/getting-started.md show the source of each example', async () => {
  const pages = (await read('docs/client-apps.md')) + (await read('docs/getting-started.md'));
  const all = await readdir(new URL('packages/client/examples/', root), { recursive: true });
  const files = all.filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(5);
  const sources = await Promise.all(files.map((file) => read(`packages/client/examples/${file}`)));
  expect(files.filter((_file, index) => !pages.includes(`\`\`\`ts\n${sources[index]}\`\`\``))).toEqual([]);
});

test('the infinite list of the docs shows each task of a filter once, in order, also if tasks move between pages', async () => {
  const holdfast = await signUpClient(proxy);
  const items: CreateTaskInput[] = 'abcdefg'.split('').map((title, index) => ({
    title,
    labels: [index === 3 ? 'work' : 'home'],
    due: index < 5 ? { date: `2027-06-0${index + 1}` } : null,
  }));
  const [a] = (await holdfast.task.createMany({ items })).items;
  proxy.seen.length = 0;
  const list = createInfiniteList(holdfast, { completed: false, label: 'home', order: 'due', limit: 2 });
  await Promise.all([list.loadMore(), list.loadMore()]);
  expect(lists()).toHaveLength(1);
  expect([titles(list.tasks()), list.hasMore()]).toEqual(['ab', true]);
  await holdfast.task.update({ id: a!.id, due: { date: '2027-07-01' } });
  while (list.hasMore()) await list.loadMore();
  expect(titles(list.tasks())).toMatch(/^bcea(fg|gf)$/);
  expect(list.tasks()[3]!.due).toEqual({ date: '2027-07-01' });
  await list.loadMore();
  expect(lists()).toHaveLength(4);
});

test('the infinite list of the docs shows other changes after a refresh, and no late page after it', async () => {
  const holdfast = await signUpClient(proxy);
  const { items } = await holdfast.task.createMany({ items: 'abcdef'.split('').map((title) => ({ title })) });
  const list = createInfiniteList(holdfast, { order: 'position', limit: 2 });
  await list.loadMore();
  await list.loadMore();
  await holdfast.task.delete({ id: items[1]!.id });
  await holdfast.task.update({ id: items[2]!.id, title: 'C' });
  const loading = list.loadMore();
  await Promise.all([loading, list.refresh()]);
  expect([titles(list.tasks()), list.hasMore()]).toEqual(['aCdef', false]);
  proxy.decide = () => refusal('INTERNAL_SERVER_ERROR', 500);
  expect(await errorOf(list.refresh())).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
  expect(titles(list.tasks())).toBe('aCdef');
  proxy.decide = () => 'pass';
  await holdfast.task.deleteMany({ ids: items.slice(2).map(({ id }) => id) });
  await list.refresh();
  expect([titles(list.tasks()), list.hasMore()]).toEqual(['a', false]);
});

test('the optimistic add of the docs shows a task at once and removes it if the server refuses it', async () => {
  const holdfast = await signUpClient(proxy);
  const shown: string[] = [];
  const adder = createAdder(holdfast, (rows) =>
    shown.push(rows.map(({ input, state }) => `${input.title}: ${state}`).join(', ')),
  );
  const adding = adder.add({ title: ' Milk ' });
  expect(shown).toEqual([' Milk : saving']);
  await adding;
  const refused = adder.add({ title: 'Bread', due: { date: '2027-02-30' } });
  expect(await errorOf(refused)).toMatchObject({ code: 'BAD_REQUEST' });
  expect(shown.slice(1)).toEqual(['Milk: saved', 'Milk: saved, Bread: saving', 'Milk: saved']);
});

test('the optimistic add of the docs keeps a task without a response, and a second attempt creates it once', async () => {
  const holdfast = await signUpClient(proxy, { deadlineMs: 5000 });
  await holdfast.user.me();
  let rows: Row[] = [];
  const adder = createAdder(holdfast, (now) => (rows = now));
  let creates = 0;
  proxy.decide = (path) => {
    if (!path.includes('task.create')) return 'pass';
    creates += 1;
    return creates === 1 ? 'lose response' : refusal('SERVICE_UNAVAILABLE', 503);
  };
  await adder.add({ title: 'Milk' });
  expect(rows).toMatchObject([{ input: { title: 'Milk' }, state: 'unsaved' }]);
  const [stored] = (await holdfast.task.list()).items;
  expect(stored).toMatchObject({ id: rows[0]!.input.id, title: 'Milk' });
  await holdfast.task.update({ id: stored!.id, title: 'Oat milk' });
  proxy.decide = () => 'pass';
  await adder.retry();
  expect(rows).toMatchObject([{ input: { title: 'Oat milk' }, state: 'saved' }]);
  expect(await holdfast.task.count()).toEqual({ count: 1 });
});

test('the merge of the docs keeps both changes of different fields and writes nothing if one field has two changes', async () => {
  const holdfast = await signUpClient(proxy);
  const base = await holdfast.task.create({ title: 'Call', labels: ['home'], due: { date: '2027-06-01' } });
  await holdfast.task.update({ id: base.id, title: 'Call Ada', labels: ['home', 'phone'] });
  const edit = { ...base, due: { date: '2027-06-02' }, priority: 3 as const };
  const merged = await saveEdit(holdfast, base, edit);
  const expected = {
    title: 'Call Ada',
    labels: ['home', 'phone'],
    due: { date: '2027-06-02' },
    priority: 3,
    version: 3,
  };
  expect(merged).toMatchObject({ task: expected, conflicts: [] });

  const other = await saveEdit(holdfast, base, { title: 'Call Grace', description: 'Soon', labels: ['home', 'phone'] });
  expect(other).toEqual({ task: merged.task, conflicts: ['title'] });
  expect(await holdfast.task.get({ id: base.id })).toEqual(merged.task);
  await holdfast.task.delete({ id: base.id });
  expect(await errorOf(saveEdit(holdfast, merged.task, { title: 'gone' }))).toMatchObject({ code: 'NOT_FOUND' });
});

test('the plan of the docs divides the tasks until today in the user’s zone into overdue and later ones', async () => {
  const holdfast = await signUpClient(proxy);
  const dues = [
    { title: 'yesterday', due: { date: '2027-03-01' } },
    { title: 'morning', due: { date: '2027-03-02', time: '07:59' } },
    { title: 'noon', due: { date: '2027-03-02', time: '12:00' } },
    { title: 'London at nine', due: { date: '2027-03-02', time: '09:00', timeZone: 'Europe/London' } },
    { title: 'Tokyo at nine', due: { date: '2027-03-02', time: '09:00', timeZone: 'Asia/Tokyo' } },
    { title: 'today', due: { date: '2027-03-02' } },
    { title: 'tomorrow', due: { date: '2027-03-03' } },
    { title: 'someday' },
  ];
  await holdfast.task.createMany({ items: dues });
  await holdfast.task.create({ title: 'done', completed: true, due: { date: '2027-03-01' } });
  await holdfast.user.update({ timeZone: 'Europe/Berlin' });
  // 08:30 in Berlin, 07:30 in London, 16:30 in Tokyo.
  expect(toTitles(await planDay(holdfast, new Date('2027-03-02T07:30:00Z')))).toEqual([
    ['Tokyo at nine', 'morning', 'yesterday'],
    ['London at nine', 'noon', 'today'],
  ]);
  // The day begins in Berlin while it is the day before in UTC.
  expect(toTitles(await planDay(holdfast, new Date('2027-03-01T23:30:00Z')))).toEqual([
    ['yesterday'],
    ['London at nine', 'Tokyo at nine', 'morning', 'noon', 'today'],
  ]);
  expect(isOverdue({ date: '2027-03-02', time: '00:00' }, { now: new Date('2027-03-01T23:00:00Z'), zone: 'UTC' })).toBe(
    false,
  );
});

test('the move of the docs puts a task anywhere, also between two tasks with the same position', async () => {
  const holdfast = await signUpClient(proxy);
  const { id: listId } = await holdfast.list.create({ name: 'list' });
  const positions = ['a1', 'a2', 'a2', 'a2', 'a3'];
  const newTasks = 'abcde'.split('').map((title, index) => ({ title, listId, position: positions[index]! }));
  await holdfast.task.createMany({ items: newTasks });
  const read = async () => (await holdfast.task.list({ listId, order: 'position' })).items;
  for (const [from, to] of [
    [4, 0],
    [0, 2],
    [2, 3],
    [3, 0],
    [0, 4],
    [1, 1],
  ] as const) {
    const before = await read();
    expect(before).toEqual(before.toSorted(byPosition));
    const moved = await moveTask(holdfast, before, { from, to });
    expect(moved.id).toBe(before[from]!.id);
    const expected = before.toSpliced(from, 1).toSpliced(to, 0, before[from]!);
    expect(titles(await read())).toBe(titles(expected));
  }
});

test('the live list of the docs shows the changes of another client', async () => {
  const holdfast = await signUpClient(proxy);
  await holdfast.task.create({ title: 'first' });
  const controller = new AbortController();
  const shown: string[] = [];
  const ended = showLive(holdfast, (tasks) => shown.push(titles(tasks)), controller.signal);
  await expect.poll(() => shown.at(-1)).toBe('first');
  const { id } = await holdfast.task.create({ title: ', second' });
  await expect.poll(() => shown.at(-1)).toBe('first, second');
  await holdfast.task.delete({ id });
  await expect.poll(() => shown.at(-1)).toBe('first');
  controller.abort();
  await ended;
});

test('the calls below "Planning" in docs/client-apps.md run as pasted', async () => {
  const [code] = /(?<=## Planning\n[^]*?```ts\n)[^]*?(?=```)/.exec(await read('docs/client-apps.md'))!;
  const signUp = `await holdfast.signUp({ name: 'Ada', email: 'planning@example.org', password: '${password}' });\n`;
  const file = fileURLToPath(new URL(`packages/client/test/planning-${process.pid}.ts`, root));
  const program = code.replace('https://tasks.example.com', proxy.url).replace(/(?<=createClient\(.*\n)/, signUp);
  try {
    await writeFile(file, `${program}\nconsole.log(items.length, count, trash.items.length, labels, me.email);`);
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    expect(stdout).toMatch(/^1 1 1 .*money.*planning@example\.org\n$/s);
  } finally {
    await rm(file, { force: true });
  }
});

test('docs/client-apps.md shows each call of the client', async () => {
  const page = await read('docs/client-apps.md');
  const { task, trash, list, label, user, changes, account } = createClient({ url: 'http://127.0.0.1' });
  const calls = Object.entries({ task, trash, list, label, user, changes, account }).flatMap(([area, of]) =>
    Object.keys(of).map((name) => `${area}.${name}(`),
  );
  expect(calls.length).toBeGreaterThan(20);
  expect(calls.filter((call) => !page.includes(`holdfast.${call}`))).toEqual([]);
});
