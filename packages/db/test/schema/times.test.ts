import { afterEach, expect, test, vi } from 'vitest';
import { createTask, migrate, updateTask } from '../../src/index.ts';
import { createIdAndTime } from '../../src/records/new-id.ts';
import { alice, asTools, connect, openBareDatabase, openFixture } from '../fixture.ts';

const { db, sql } = await openFixture();
const scope = db.asUser(alice);

const day = 86_400_000;

/** Sets the clock of this process. */
function setClock(time: number): void {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(time);
}

afterEach(() => {
  vi.useRealTimers();
});

test('a clock that was a day ahead for one create does not change the times of later tasks', async () => {
  const now = Date.now();
  setClock(now + day);
  const ahead = await createTask(scope, { title: 'ahead' });
  setClock(now);
  const after = await createTask(scope, { title: 'after' });
  expect([ahead, after].map(({ createdAt }) => Date.parse(createdAt))).toEqual([now + day, now]);
});

test('ids sort in order of creation within a millisecond, and if the clock goes back by a second', () => {
  const now = Date.now();
  const made = [now, now, now - 1_000, now, now + 1].flatMap((time) => {
    setClock(time);
    return Array.from({ length: 50 }, createIdAndTime);
  });
  const ids = made.map(({ id }) => id);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  const times = made.map(({ createdAt }) => createdAt);
  expect(times.toSorted()).toEqual(times);
});

test('completedAt and updatedAt are not before createdAt if another server’s clock was ahead', async () => {
  const now = Date.now();
  setClock(now + day);
  const { id, createdAt } = await createTask(scope, { title: 'ahead' });
  setClock(now);
  const task = await updateTask(scope, { id, completed: true });
  expect([task.completedAt, task.updatedAt]).toEqual([createdAt, createdAt]);
});

const constraints = [
  'tasks_completed_after_creation',
  'tasks_completed_at_range',
  'tasks_created_at_range',
  'tasks_updated_at_range',
];

/** Rows that the constraints refuse: the columns of a task, and what the migration makes of them. */
const badTimes = [
  [
    ['2026-01-02Z', '2026-01-02Z', '2026-01-01Z'],
    ['2026-01-02', '2026-01-02', '2026-01-02'],
  ],
  [
    ['0044-03-15Z BC', '2026-01-01Z', null],
    ['0001-01-01', '2026-01-01', null],
  ],
  [
    ['12026-01-01Z', '12026-01-01Z', '12026-01-01Z'],
    ['9999-12-31', '9999-12-31', '9999-12-31'],
  ],
  [
    ['-infinity', 'infinity', 'infinity'],
    ['0001-01-01', '9999-12-31', '9999-12-31'],
  ],
] as const;

const insertSql = `insert into tasks (user_id, id, title, created_at, updated_at, completed_at, completed)
  values ($1, gen_random_uuid(), $2, $3, $4, $5::timestamptz, $5::timestamptz is not null)`;

test.each(badTimes)('the database refuses a task with the times %s', async (times) => {
  await createTask(scope, { title: 'creates the user' });
  await expect(asTools(sql, insertSql, [alice, 'x', ...times])).rejects.toMatchObject({
    code: '23514',
    constraint: expect.stringMatching(/^tasks_(?:\w+_at_range|completed_after_creation)$/),
  });
});

/** Makes a database with rows that the constraints refuse. */
async function openWithBadTimes() {
  const { url } = await openBareDatabase();
  const server = await connect(url);
  await server.query(`alter table tasks ${constraints.map((name) => `drop constraint ${name}`).join(', ')};
    alter table users drop constraint users_created_at_range`);
  await asTools(server, `insert into users (id, created_at) values ($1, '0044-03-15Z BC')`, [alice]);
  for (const [at, [times]] of badTimes.entries()) {
    await asTools(server, insertSql, [alice, `task ${at}`, ...times]);
  }
  await asTools(server, insertSql, [alice, 'right', '2026-01-01Z', '2026-01-02Z', null]);
  return { url, server };
}

const toDay = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD')`;

async function readTimes(server: Awaited<ReturnType<typeof connect>>) {
  const { rows } = await asTools(
    server,
    `select array[${['created_at', 'updated_at', 'completed_at'].map(toDay).join()}] as times, version
    from tasks order by title`,
  );
  return rows;
}

const repaired = [
  { times: ['2026-01-01', '2026-01-02', null], version: 1 },
  ...badTimes.map(([, times]) => ({ times, version: 2 })),
];

const notValidatedSql = `select conname from pg_constraint where not convalidated`;

test('the migration corrects times that break the new constraints, and validates the constraints', async () => {
  const { url, server } = await openWithBadTimes();
  await server.query(`delete from holdfast_migrations where name = '0005-times'`);
  expect(await migrate({ url })).toEqual(['0005-times']);
  expect(await readTimes(server)).toEqual(repaired);
  expect((await server.query(notValidatedSql)).rows).toEqual([]);
  const { rows } = await asTools(server, 'select created_at::text as at from users');
  expect(rows).toEqual([{ at: expect.stringMatching(/^0001-01-01 /) }]);
});

test('an interrupted migration is completed by the next one, also if a server has added such a row', async () => {
  const { url, server } = await openWithBadTimes();
  await server.query(`alter table tasks add constraint tasks_completed_after_creation
    check (completed_at >= created_at) not valid`);
  expect(await migrate({ url })).toEqual([]);
  expect((await readTimes(server))[1]).toEqual(repaired[1]);
  expect((await server.query(notValidatedSql)).rows).toEqual([]);
});
