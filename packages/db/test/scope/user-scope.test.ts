import { expect, test } from 'vitest';
import {
  createTask,
  type Database,
  deleteTask,
  getTask,
  listTasks,
  openDatabase,
  updateTask,
  type UserScope,
} from '../../src/index.ts';
import type { TextRow } from '../../src/scope/prepared-statement.ts';
import { alice, ask, asTools, bob, openFixture } from '../fixture.ts';

// Thousands of calls wait for two connections, which takes long on a slow machine.
const { db, sql, url } = await openFixture({ poolMax: 2, poolWaitMs: 60_000 });
const everything = { limit: 200, order: 'newest' } as const;

/** The rows that a statement without an owner filter sees. */
function seen(scope: UserScope) {
  return ask(scope, 'select user_id, title from tasks');
}

/** The role, the user ID and the backend's process ID. */
async function session(scope: UserScope): Promise<TextRow> {
  const [row] = await ask(scope, `select current_user, current_setting('app.user_id'), pg_backend_pid()`);
  return row!;
}

test('statements of a user scope run as holdfast_app with app.user_id set, for every login role', async () => {
  expect((await session(db.asUser(alice))).slice(0, 2)).toEqual(['holdfast_app', alice]);
});

test('session settings of a transaction do not remain on its connection', async () => {
  const narrow = await openDatabase({ url, poolMax: 1 });
  const [, , backend] = await session(narrow.asUser(alice));
  const left = await narrow.acrossAllUsers((em) =>
    em.execute(`select pg_backend_pid()::text as backend, nullif(current_setting('app.user_id', true), '') as user,
      session_user::text = 'holdfast_app' as is_app`),
  );
  expect(left).toEqual([{ backend, user: null, is_app: false }]);
  await narrow.close();
});

test('a statement outside of a user scope sees no rows', async () => {
  await createTask(db.asUser(alice), { title: 'hidden' });
  const { rows } = await sql.query('select 1 from tasks');
  expect(rows).toEqual([]);
});

test('two users run 1,000 interleaved transactions each on two connections, with errors and aborts, and never see each other’s rows', async () => {
  for (const user of [alice, bob]) await createTask(db.asUser(user), { title: `of ${user}` });
  const runs = Array.from({ length: 2_000 }, (_, number) => runMixed(number % 2 === 0 ? alice : bob, number));
  const outcomes = await Promise.all(runs);
  expect(outcomes.filter((outcome) => outcome !== 'kept apart')).toEqual([]);
});

async function runMixed(user: string, number: number): Promise<string> {
  const scope = db.asUser(user);
  const kind = number % 7;
  if (kind === 1) {
    await expect(ask(scope, 'select 1 / 0')).rejects.toMatchObject({
      code: 'INVALID_VALUE',
    });
  } else if (kind === 2) {
    const abort = new Error('changed my mind');
    const aborted = scope.transaction(async (inner) => {
      await createTask(inner, { title: 'never kept' });
      throw abort;
    });
    await expect(aborted).rejects.toBe(abort);
  } else if (kind === 3) {
    const other = user === alice ? bob : alice;
    const foreign = ask(scope, 'insert into tasks (user_id, id, title) values ($1, gen_random_uuid(), $2)', [
      other,
      'smuggled',
    ]);
    await expect(foreign).rejects.toMatchObject({ code: 'ACCESS_REFUSED' });
  }
  const rows = await seen(scope);
  const isOwn = rows.every(([owner, title]) => owner === user && !['never kept', 'smuggled'].includes(title!));
  return rows.length > 0 && isOwn ? 'kept apart' : JSON.stringify(rows);
}

test('a transaction applies all of its steps or none', async () => {
  const scope = db.asUser(bob);
  const id = crypto.randomUUID();
  const failing = scope.transaction(async (inner) => {
    await createTask(inner, { id, title: 'half' });
    await getTask(inner, { id: crypto.randomUUID() });
  });
  await expect(failing).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  await expect(getTask(scope, { id })).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
});

test('a nested transaction can fail without the outer transaction', async () => {
  const scope = db.asUser(bob);
  const [kept, dropped] = [crypto.randomUUID(), crypto.randomUUID()];
  await scope.transaction(async (outer) => {
    await createTask(outer, { id: kept, title: 'kept' });
    const inner = outer.transaction(async (nested) => {
      await createTask(nested, { id: dropped, title: 'dropped' });
      throw new Error('only this');
    });
    await expect(inner).rejects.toThrow('only this');
  });
  expect((await getTask(scope, { id: kept })).title).toBe('kept');
  await expect(getTask(scope, { id: dropped })).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
});

test('each transaction has a separate entity manager', async () => {
  const scope = db.asUser(alice);
  const [first, second] = await Promise.all([
    scope.transaction(async ({ em }) => em),
    scope.transaction(async ({ em }) => em),
  ]);
  expect(first).not.toBe(second);
});

test('a user ID that is not a UUID is refused before any query', () => {
  for (const id of ['', 'alice', `${alice}'; drop table tasks`, alice.toUpperCase()]) {
    expect(() => db.asUser(id)).toThrow('A user ID must be a UUID in lower case.');
  }
});

test('without the owner filter, row-level security alone isolates users', async () => {
  for (const user of [alice, bob]) await createTask(db.asUser(user), { title: 'behind the policy' });
  expect(new Set((await seen(db.asUser(alice))).map(([owner]) => owner))).toEqual(new Set([alice]));
  const stolen = await ask(db.asUser(alice), 'delete from tasks where user_id = $1 returning id', [bob]);
  expect(stolen).toEqual([]);
});

test('without row-level security, the owner filter alone isolates users', async () => {
  const fixture = await openFixture();
  const tasks = new Map<string, string>();
  for (const user of [alice, bob]) tasks.set(user, (await createTask(fixture.db.asUser(user), { title: 'x' })).id);
  await fixture.sql.query('alter table tasks disable row level security; alter table users disable row level security');
  const scope = fixture.db.asUser(alice);
  expect((await seen(scope)).length).toBe(2);
  expect((await listTasks(scope, everything)).items.map(({ id }) => id)).toEqual([tasks.get(alice)]);
  await everyForeignAttemptFails(fixture.db, tasks.get(bob)!);
  const { rows } = await asTools(fixture.sql, 'select title, version from tasks where user_id = $1', [bob]);
  expect(rows).toEqual([{ title: 'x', version: 1 }]);
});

async function everyForeignAttemptFails(database: Database, id: string): Promise<void> {
  const [scope, batched] = [database.asUser(alice), database.asUser(alice, { batchReads: true })];
  const attempts = [
    () => getTask(scope, { id }),
    // Two gets of one batch run as another statement.
    () => Promise.all([1, 2].map(() => getTask(batched, { id }))),
    () => updateTask(scope, { id, title: 'taken' }),
    () => deleteTask(scope, { id }),
  ];
  for (const attempt of attempts) {
    await expect(attempt()).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  }
}

test('work across all users sees the rows of all users and cannot write without write: true', async () => {
  const counted = await db.acrossAllUsers((em) =>
    em.execute('select count(distinct user_id)::int as users from tasks'),
  );
  expect(counted).toEqual([{ users: 2 }]);
  const write = `update tasks set title = 'for all'`;
  await expect(db.acrossAllUsers((em) => em.execute(write))).rejects.toMatchObject({ code: 'READ_ONLY_WORK' });
  await db.acrossAllUsers((em) => em.execute(write), { write: true });
  expect((await seen(db.asUser(bob))).every(([, title]) => title === 'for all')).toBe(true);
});
