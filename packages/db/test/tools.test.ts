import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import {
  createTask,
  type DatabaseObserver,
  deleteTask,
  type Due,
  getTask,
  inOperation,
  type NewTask,
  openDatabase,
  Task,
  type WorkAcrossUsers,
} from '../src/index.ts';
import { alice, asTools, bob, connect, openFixture, openLogProxy } from './fixture.ts';

const page = await readFile(new URL('../../../docs/internal-tools.md', import.meta.url), 'utf8');
const reports: WorkAcrossUsers[] = [];
const observer: DatabaseObserver = { onWorkAcrossUsers: (report) => reports.push(report) };
const { db, sql, url } = await openFixture({ observer });

/** Runs an example from the command line. */
async function run(example: string, args: string[] = [], { nodeArgs = [] as string[], database = url } = {}) {
  const path = fileURLToPath(new URL(`../examples/${example}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...nodeArgs, path, ...args], {
    env: { DATABASE_URL: database },
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

test.each(['report', 'repair', 'complete-old', 'reschedule', 'search-index'])(
  'docs/internal-tools.md shows the example %s as it is',
  async (example) => {
    const source = await readFile(new URL(`../examples/${example}.ts`, import.meta.url), 'utf8');
    expect(page).toContain(`\`\`\`ts\n${source}\`\`\``);
  },
);

test('the report example streams 100,000 tasks with a heap that cannot hold all of them', async () => {
  const fixture = await openFixture();
  await asTools(fixture.sql, 'insert into users (id) select gen_random_uuid() from generate_series(1, 1000)');
  await asTools(
    fixture.sql,
    `insert into tasks (user_id, id, title, description)
    select users.id, gen_random_uuid(), 'task', repeat('x', 1000) from users, generate_series(1, 100)`,
  );
  const report = await run('report', [], { database: fixture.url, nodeArgs: ['--max-old-space-size=72'] });
  const [head, ...lines] = report.trimEnd().split('\n');
  expect(head).toBe('user,open,since');
  expect(lines).toHaveLength(1000);
  expect(lines.every((line) => /^[-0-9a-f]{36},100,\d{4}-/.test(line))).toBe(true);
});

test('the repair example changes nothing without --apply, and with it changes each row once, in batches', async () => {
  const fixture = await openFixture();
  await asTools(fixture.sql, 'insert into users (id) select gen_random_uuid() from generate_series(1, 3)');
  await asTools(
    fixture.sql,
    `insert into tasks (user_id, id, title) select users.id, gen_random_uuid(), 'two  blanks   and three'
    from users, generate_series(1, 400)`,
  );
  const untouched = await createTask(fixture.db.asUser(alice), { title: 'one blank' });
  const count = async (version: number) => {
    const select = `select count(*)::int as tasks from tasks where version = $1 and title = 'two blanks and three'`;
    return (await asTools(fixture.sql, select, [version])).rows[0].tasks as number;
  };
  const options = { database: fixture.url };
  expect(await run('repair', [], options)).toBe('Would change 1200 titles. Add --apply to change them.\n');
  expect(await count(2)).toBe(0);
  expect(await run('repair', ['--apply'], options)).toBe('Changed 1200 titles.\n');
  expect(await count(2)).toBe(1200);
  expect(await run('repair', ['--apply'], options)).toBe('Changed 0 titles.\n');
  expect(await getTask(fixture.db.asUser(alice), untouched)).toEqual(untouched);
});

test('the example for one user completes only old tasks of that user', async () => {
  const old = await createTask(db.asUser(alice), { title: 'old' });
  const foreign = await createTask(db.asUser(bob), { title: 'old, too' });
  await asTools(sql, `update tasks set created_at = '2020-01-01'`);
  const fresh = await createTask(db.asUser(alice), { title: 'fresh' });
  expect(await run('complete-old', [alice, '2021-01-01'])).toBe('Completed 1 tasks.\n');
  expect((await getTask(db.asUser(alice), old)).completed).toBe(true);
  expect((await getTask(db.asUser(alice), fresh)).completed).toBe(false);
  expect((await getTask(db.asUser(bob), foreign)).completed).toBe(false);
});

test('the example for one user does nothing if the date is invalid', async () => {
  await expect(run('complete-old', [alice, 'tomorrow'])).rejects.toThrow('Invalid date. Pass a user ID and a date');
});

test('the example with due dates and lists moves only overdue tasks of that user, and counts them by list', async () => {
  const listId = crypto.randomUUID();
  await createTask(db.asUser(alice), { title: 'creates the user' });
  await asTools(sql, `insert into lists (user_id, id, name) values ($1, $2, 'Home')`, [alice, listId]);
  const create = (user: string, due: Due, values: Partial<NewTask> = {}) =>
    createTask(db.asUser(user), { title: 'due', due, ...values });
  const inInbox = await create(alice, { date: '2026-01-30' });
  const zoned = { date: '2026-01-01', time: '09:30', timeZone: 'Asia/Tokyo' };
  const inList = await create(alice, zoned, { listId });
  const others = [
    await create(alice, { date: '2026-01-31' }),
    await create(alice, { date: '2026-01-01' }, { completed: true }),
    await create(bob, { date: '2026-01-01' }),
  ];
  const deleted = await create(alice, { date: '2026-01-01' });
  await deleteTask(db.asUser(alice), { id: deleted.id });
  expect(await run('reschedule', [alice, '2026-01-31'])).toBe('Home: 1\nInbox: 1\n');
  expect((await getTask(db.asUser(alice), inInbox)).due).toEqual({ date: '2026-01-31' });
  expect((await getTask(db.asUser(alice), inList)).due).toEqual({ ...zoned, date: '2026-01-31' });
  for (const [at, task] of others.entries()) {
    expect(await getTask(db.asUser(at === 2 ? bob : alice), task)).toEqual(task);
  }
});

test('the report example omits tasks in the trash', async () => {
  const fixture = await openFixture();
  const scope = fixture.db.asUser(alice);
  await createTask(scope, { title: 'open' });
  await deleteTask(scope, { id: (await createTask(scope, { title: 'deleted' })).id });
  expect(await run('report', [], { database: fixture.url })).toMatch(new RegExp(`^user,open,since\n${alice},1,`));
});

test('the observer receives work across all users with its name, its write permission and its result', async () => {
  reports.length = 0;
  const write = (em: Parameters<Parameters<typeof db.acrossAllUsers>[0]>[0]) => em.execute('delete from tasks');
  await inOperation({ name: 'counting' }, () => db.acrossAllUsers(async () => {}));
  await expect(db.acrossAllUsers(write)).rejects.toThrow('This work is read-only');
  await db.acrossAllUsers(write, { write: true });
  expect(reports.map(({ operation, mayWrite, errorCode }) => [operation?.name, mayWrite, errorCode])).toEqual([
    ['counting', false, null],
    [undefined, false, 'READ_ONLY_WORK'],
    [undefined, true, null],
  ]);
  expect(reports.every(({ durationMs }) => durationMs > 0)).toBe(true);
});

test('work across all users appears with its name in PostgreSQL’s log and in pg_stat_activity', async () => {
  const proxy = await openLogProxy(sql, url);
  const proxiedDb = await openDatabase({ url: proxy.url });
  const names = await inOperation({ name: 'a\nforged line' }, () =>
    proxiedDb.acrossAllUsers((em) =>
      em.execute<{ name: string }[]>(
        `select application_name as name from pg_stat_activity where pid = pg_backend_pid()`,
      ),
    ),
  );
  expect(names[0]!.name).toMatch(/^holdfast tools: a\S*forged line$/);
  expect(proxy.received()).toMatch(
    /holdfast: work across all users, read-only, by \S+: holdfast tools: a\S*forged line/,
  );
  const unnamed = await proxiedDb.acrossAllUsers((em) =>
    em.execute<{ name: string }[]>(`select current_setting('application_name') as name`),
  );
  expect(unnamed[0]!.name).toBe('holdfast tools');
  await proxiedDb.close();
});

test('a transaction remains usable after a stream in it is closed early', async () => {
  for (const user of [alice, bob]) await createTask(db.asUser(user), { title: 'streamed' });
  const after = await db.acrossAllUsers(async (em) => {
    for await (const task of em.stream(Task, { chunkSize: 1 })) if (task.title !== '') break;
    return em.execute('select 1 as one');
  });
  expect(after).toEqual([{ one: 1 }]);
});

test('a stream ends when its operation ends', async () => {
  const leaving = new AbortController();
  const reading = inOperation({ signal: leaving.signal }, () =>
    db.acrossAllUsers(async (em) => {
      for await (const task of em.stream(Task, { chunkSize: 1 })) {
        leaving.abort(new Error(`seen ${task.id}`));
        await sleep(500);
      }
    }),
  );
  await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
  expect(db.poolState()).toMatchObject({ waiting: 0 });
});

test('a login created with the SQL of docs/internal-tools.md can run work across all users', async () => {
  const block = /```sql\n(.*?)```/s.exec(page)![1]!;
  const login = `tool_${process.pid}`;
  const server = await connect(url);
  for (const statement of block.replaceAll('holdfast_reports', login).split(/;\n/).filter(Boolean)) {
    await server.query(statement);
  }
  const asLogin = Object.assign(new URL(url), { username: login, password: 'change me' }).href;
  const own = await openDatabase({ url: asLogin });
  await expect(own.acrossAllUsers((em) => em.execute('select count(*) from tasks'))).resolves.toHaveLength(1);
  await own.close();
  await server.query(`drop role ${login}`);
});
