import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import {
  createTask,
  type DatabaseObserver,
  getTask,
  inOperation,
  openDatabase,
  Task,
  type WorkAcrossUsers,
} from '../src/index.ts';
import { openFaultProxy } from '../src/testing/index.ts';
import { alice, asTools, bob, connect, openFixture } from './fixture.ts';

const page = await readFile(new URL('../../../docs/internal-tools.md', import.meta.url), 'utf8');
const reports: WorkAcrossUsers[] = [];
const observer: DatabaseObserver = { onWorkAcrossUsers: (report) => reports.push(report) };
const { db, sql, url } = await openFixture({ observer });

/** Runs one of the examples as a person would. */
async function run(example: string, args: string[] = [], { nodeArgs = [] as string[], database = url } = {}) {
  const path = fileURLToPath(new URL(`../examples/${example}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...nodeArgs, path, ...args], {
    env: { DATABASE_URL: database },
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

test.each(['report', 'repair', 'complete-old'])('the page shows the example %s as it is run here', async (example) => {
  const source = await readFile(new URL(`../examples/${example}.ts`, import.meta.url), 'utf8');
  expect(page).toContain(`\`\`\`ts\n${source}\`\`\``);
});

test('the report streams 100,000 tasks of all users through a heap that holds a fraction of them', async () => {
  const fixture = await openFixture();
  await asTools(fixture.sql, 'insert into users (id) select gen_random_uuid() from generate_series(1, 1000)');
  await asTools(
    fixture.sql,
    `insert into tasks (user_id, id, title, description)
    select users.id, gen_random_uuid(), 'task', repeat('x', 1000) from users, generate_series(1, 100)`,
  );
  const report = await run('report', [], { database: fixture.url, nodeArgs: ['--max-old-space-size=48'] });
  const [head, ...lines] = report.trimEnd().split('\n');
  expect(head).toBe('user,open,since');
  expect(lines).toHaveLength(1000);
  expect(lines.every((line) => /^[-0-9a-f]{36},100,\d{4}-/.test(line))).toBe(true);
});

test('the repair changes nothing before it is told to, then everything once, batch by batch', async () => {
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
  expect(await run('repair', [], options)).toBe('Would change 1200 titles: run it with --apply.\n');
  expect(await count(2)).toBe(0);
  expect(await run('repair', ['--apply'], options)).toBe('Changed 1200 titles.\n');
  expect(await count(2)).toBe(1200);
  expect(await run('repair', ['--apply'], options)).toBe('Changed 0 titles.\n');
  expect(await getTask(fixture.db.asUser(alice), untouched)).toEqual(untouched);
});

test('the script for one user completes what is old, of this user only', async () => {
  const old = await createTask(db.asUser(alice), { title: 'old' });
  const foreign = await createTask(db.asUser(bob), { title: 'old, too' });
  await asTools(sql, `update tasks set created_at = '2020-01-01'`);
  const fresh = await createTask(db.asUser(alice), { title: 'fresh' });
  expect(await run('complete-old', [alice, '2021-01-01'])).toBe('Completed 1 tasks.\n');
  expect((await getTask(db.asUser(alice), old)).completed).toBe(true);
  expect((await getTask(db.asUser(alice), fresh)).completed).toBe(false);
  expect((await getTask(db.asUser(bob), foreign)).completed).toBe(false);
});

test('the script for one user does nothing without a day that it can read', async () => {
  await expect(run('complete-old', [alice, 'tomorrow'])).rejects.toThrow('Name a user and a day');
});

test('work across all users is told to the observer, with its name, its right to write and its end', async () => {
  reports.length = 0;
  const write = (em: Parameters<Parameters<typeof db.acrossAllUsers>[0]>[0]) => em.execute('delete from tasks');
  await inOperation({ name: 'counting' }, () => db.acrossAllUsers(async () => {}));
  await expect(db.acrossAllUsers(write)).rejects.toThrow('This work may only read');
  await db.acrossAllUsers(write, { write: true });
  expect(reports.map(({ operation, mayWrite, errorCode }) => [operation?.name, mayWrite, errorCode])).toEqual([
    ['counting', false, null],
    [undefined, false, 'READ_ONLY_WORK'],
    [undefined, true, null],
  ]);
  expect(reports.every(({ durationMs }) => durationMs > 0)).toBe(true);
});

test('work across all users leaves its name in PostgreSQL’s log, and while it runs in its list of sessions', async () => {
  // What goes to the log goes to the client as well here, on a line where it can be read.
  await sql.query(
    `do $$ begin execute format('alter database %I set client_min_messages = log', current_database()); end $$`,
  );
  const proxy = await openFaultProxy(url);
  let heard = '';
  proxy.modifyResponses((answer) => {
    heard += answer.toString('latin1');
    return answer;
  });
  const heardDb = await openDatabase({ url: proxy.url });
  const names = await inOperation({ name: 'a\nforged line' }, () =>
    heardDb.acrossAllUsers((em) =>
      em.execute<{ name: string }[]>(
        `select application_name as name from pg_stat_activity where pid = pg_backend_pid()`,
      ),
    ),
  );
  expect(names[0]!.name).toMatch(/^holdfast tools: a\S*forged line$/);
  expect(heard).toMatch(/holdfast: work across all users, read-only, by \S+: holdfast tools: a\S*forged line/);
  const unnamed = await heardDb.acrossAllUsers((em) =>
    em.execute<{ name: string }[]>(`select current_setting('application_name') as name`),
  );
  expect(unnamed[0]!.name).toBe('holdfast tools');
  await heardDb.close();
  await proxy.close();
});

test('a stream that is left early leaves its transaction usable', async () => {
  for (const user of [alice, bob]) await createTask(db.asUser(user), { title: 'streamed' });
  const after = await db.acrossAllUsers(async (em) => {
    for await (const task of em.stream(Task, { chunkSize: 1 })) if (task.title !== '') break;
    return em.execute('select 1 as one');
  });
  expect(after).toEqual([{ one: 1 }]);
});

test('a stream ends with its operation', async () => {
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

test('a login made with the page’s SQL can do what tools do', async () => {
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
