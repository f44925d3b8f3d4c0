import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { createFeedStatement, hashCalendarSecret, revokeFeedStatement } from '../../src/calendar/feed.ts';
import { calendarLimits, readCalendarStatement } from '../../src/calendar/read-calendar.ts';
import { calendarStatements } from '../../src/calendar/statements.ts';
import {
  createCalendarFeed,
  createTask,
  deleteTask,
  findCalendarUser,
  getCalendarFeed,
  readCalendar,
  revokeCalendarFeed,
  updateUser,
} from '../../src/index.ts';
import type { Statement } from '../../src/scope/prepared-statement.ts';
import { internalsOf } from '../../src/scope/user-scope.ts';
import { explain } from '../../src/status/explain.ts';
import { alice, asTools, bob, openFixture } from '../fixture.ts';

const fixture = await openFixture();
const { db, sql, url } = fixture;
const today = '2026-06-15';

const openUser = () => db.asUser(randomUUID());

/** The dates of the tasks in a user's calendar. */
async function readDates(userId: string, secret: string) {
  return (await readCalendar(db.asUser(userId), secret, today))?.tasks.map(({ due }) => due.date);
}

test('a calendar has the open tasks with a due date, in the order of their dates and times', async () => {
  const scope = openUser();
  const { secret } = await createCalendarFeed(scope);
  await updateUser(scope, { timeZone: 'Europe/Berlin' });
  const zoned = { date: '2026-06-15', time: '09:30', timeZone: 'Asia/Tokyo' };
  const task = await createTask(scope, {
    title: 'zoned',
    description: '🌱'.repeat(600),
    due: zoned,
    labels: ['a', 'b'],
    priority: 3,
  });
  await createTask(scope, { title: 'late', due: { date: '2026-06-15', time: '18:00' } });
  await createTask(scope, { title: 'overdue', due: { date: '2025-06-15' } });
  await createTask(scope, { title: 'forgotten', due: { date: '2025-06-14' } });
  await createTask(scope, { title: 'done', due: { date: today }, completed: true });
  await createTask(scope, { title: 'some day' });
  const trashed = await createTask(scope, { title: 'in the trash', due: { date: today } });
  await deleteTask(scope, { id: trashed.id });
  const calendar = await readCalendar(scope, secret, today);
  expect(calendar?.timeZone).toBe('Europe/Berlin');
  expect(calendar?.tasks.map(({ title }) => title)).toEqual(['overdue', 'zoned', 'late']);
  const { id, createdAt, updatedAt } = task;
  expect(calendar?.tasks[1]).toEqual({
    id,
    title: 'zoned',
    description: '🌱'.repeat(500),
    due: zoned,
    priority: 3,
    labels: ['a', 'b'],
    createdAt,
    updatedAt,
    version: 1,
  });
});

test('a calendar has the nearest tasks from today on and the latest tasks of the year before, each up to a limit', async () => {
  const scope = openUser();
  const { secret } = await createCalendarFeed(scope);
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, due_date)
    select $1, gen_random_uuid(), 'x', $2::date + n from generate_series(-360, 900) as n`,
    [scope.userId, today],
  );
  const dates = (await readDates(scope.userId, secret))!;
  expect(dates).toHaveLength(calendarLimits.next + calendarLimits.overdue);
  expect(dates).toEqual(dates.toSorted());
  expect([dates[0], dates.at(-1)]).toEqual(['2025-10-08', '2028-07-03']);
});

test('a user without due tasks has an empty calendar, unlike a user without a feed', async () => {
  const scope = openUser();
  expect(await getCalendarFeed(scope)).toBeNull();
  const { secret, createdAt } = await createCalendarFeed(scope);
  expect(await getCalendarFeed(scope)).toEqual({ createdAt });
  expect(await readCalendar(scope, secret, today)).toEqual({ timeZone: null, tasks: [] });
  const stranger = openUser();
  expect(await readCalendar(stranger, secret, today)).toBeUndefined();
});

test('a new secret ends the former one, and a revocation ends it at once', async () => {
  const scope = openUser();
  const former = await createCalendarFeed(scope);
  const { secret } = await createCalendarFeed(scope);
  expect(await readCalendar(scope, former.secret, today)).toBeUndefined();
  expect(await readCalendar(scope, secret, today)).toBeDefined();
  await revokeCalendarFeed(scope);
  await revokeCalendarFeed(scope);
  expect(await readCalendar(scope, secret, today)).toBeUndefined();
  expect(await getCalendarFeed(scope)).toBeNull();
});

test('a secret names its user, is different each time and is stored only as a hash', async () => {
  const scope = openUser();
  const secrets = [(await createCalendarFeed(scope)).secret, (await createCalendarFeed(scope)).secret];
  expect(new Set(secrets).size).toBe(2);
  expect(secrets.map(findCalendarUser)).toEqual([scope.userId, scope.userId]);
  const { rows } = await asTools(sql, 'select * from calendar_feeds where user_id = $1', [scope.userId]);
  expect(rows).toEqual([
    { user_id: scope.userId, hash: hashCalendarSecret(secrets[1]!), created_at: expect.any(Date) as Date },
  ]);
});

test.each(['', 'x', 'x'.repeat(53), 'x'.repeat(55), `${'x'.repeat(53)}/`, `${'x'.repeat(53)}ä`, `${'x'.repeat(54)}\n`])(
  'the text %j is no secret of a calendar',
  (text) => {
    expect(findCalendarUser(text)).toBeUndefined();
  },
);

test('without row-level security, the owner filter alone isolates calendars', async () => {
  const other = await openFixture();
  const scope = other.db.asUser(bob);
  const { secret } = await createCalendarFeed(scope);
  await createTask(scope, { title: 'secret', due: { date: today } });
  for (const table of ['users', 'tasks', 'calendar_feeds']) {
    await other.sql.query(`alter table ${table} disable row level security`);
  }
  const mine = other.db.asUser(alice);
  expect(await readCalendar(mine, secret, today)).toBeUndefined();
  expect(await getCalendarFeed(mine)).toBeNull();
  await revokeCalendarFeed(mine);
  const created = await createCalendarFeed(mine);
  expect(await readCalendar(mine, created.secret, today)).toEqual({ timeZone: null, tasks: [] });
  expect((await readCalendar(scope, secret, today))?.tasks).toHaveLength(1);
});

test('without the owner filter, row-level security alone isolates calendars', async () => {
  const scope = openUser();
  const { secret } = await createCalendarFeed(scope);
  await createTask(scope, { title: 'secret', due: { date: today } });
  const { run } = internalsOf(db.asUser(alice));
  // The statements ask for the rows of the other user, as with a wrong owner filter.
  const attempt = async (statement: Statement<never>, args: object) =>
    run(statement as Statement<object>, { userId: scope.userId, ...args });
  expect(await attempt(readCalendarStatement, { hash: hashCalendarSecret(secret), today, ...calendarLimits })).toEqual(
    [],
  );
  expect(await attempt(revokeFeedStatement, {})).toEqual([]);
  await expect(attempt(createFeedStatement, { hash: 'x'.repeat(43) })).rejects.toMatchObject({
    code: 'ACCESS_REFUSED',
  });
  expect((await readCalendar(scope, secret, today))?.tasks).toHaveLength(1);
});

beforeAll(async () => {
  await asTools(sql, 'insert into users (id) select gen_random_uuid() from generate_series(1, 100)');
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, due_date) select users.id, gen_random_uuid(), 'x', $1::date + n
    from users, generate_series(1, 200) n`,
    [today],
  );
  await asTools(sql, `insert into calendar_feeds (user_id, hash) select id, rpad(id::text, 43) from users`);
  await sql.query('analyze users, tasks, calendar_feeds');
});

test.each(calendarStatements.map(({ name }) => name))(
  'the generic plan of %s reads rows by their keys',
  async (name) => {
    const plan = (await explain(url, name)).join('\n');
    expect(plan).not.toMatch(/Seq Scan|Bitmap/);
    if (name !== 'calendar_read') return;
    expect(plan.match(/Index Scan (?:Backward )?using tasks_user_id_due on tasks/g)).toHaveLength(2);
  },
);
