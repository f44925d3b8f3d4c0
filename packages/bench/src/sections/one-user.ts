import assert from 'node:assert/strict';
import { dialects } from '../contestants/dialect.ts';
import { holdfast } from '../contestants/index.ts';
import { addTasks, addTaskDetails, type BenchDatabase } from '../data.ts';
import { readEnvironment } from '../environment.ts';
import { makeCall } from '../identities.ts';
import type { Call } from '../operations.ts';
import { reportProgress } from '../progress.ts';
import type { OneUser } from '../results.ts';
import type { Rig } from '../rig.ts';
import { sendRequest } from '../send-request.ts';

const tasks = 100_000;
/** Slow calls get fewer requests, as many as this time allows. */
const until = { requests: 1000, ms: 10_000 };

type List = Extract<Call, { operation: 'list' }>;

/** Latency of a user with many tasks. It should depend neither on the number of tasks nor on the position in the list. */
export async function measureOneUser(rig: Rig, database: BenchDatabase): Promise<OneUser> {
  reportProgress(`One user with ${tasks.toLocaleString('en')} tasks`);
  const smallUser = 0;
  // After the filled users and those of other sections. The rig has a token for this user too.
  const user = database.size.users + 2;
  await addTasks(database.admin, user, tasks);
  await addTaskDetails(database.admin, [smallUser, user]);
  await database.vacuum();
  const running = await rig.start(holdfast, database);
  const first: List = { operation: 'list', limit: 50 };

  /** Reads page by page, like a client, and returns the cursor after this number of tasks. */
  async function findCursor(call: List, count: number): Promise<string> {
    let cursor: string | null = null;
    for (let seen = 0; seen < count; seen += 200) {
      const page: List = { ...call, limit: 200, ...(cursor !== null && { cursor }) };
      const { status, body } = await sendRequest(running, page, { user, token: rig.tokens[user] });
      assert.equal(status, 200, JSON.stringify(body));
      cursor = dialects.trpc.toCursor(body);
    }
    assert.ok(cursor !== null);
    return cursor;
  }

  const completed: List = { ...first, completed: true };
  const { users } = database.size;
  const everyList: [title: string, call: List][] = [
    ...(['position', 'due', 'completed', 'updated', 'priority', 'title'] as const).map((order): [string, List] => [
      `order ${order}`,
      { ...first, order },
    ]),
    ['order position, inbox', { ...first, order: 'position', listId: null }],
    ['order due, due until a date', { ...first, order: 'due', due: { until: '2026-03-01' } }],
    ['order due, no date', { ...first, order: 'due', due: { none: true } }],
    ['order completed, since a time', { ...first, order: 'completed', completedAfter: '2020-01-01T00:00:00Z' }],
    ['label', { ...first, label: 'home' }],
    ['priority', { ...first, priority: 3 }],
    ['order priority, label', { ...first, order: 'priority', label: 'home' }],
    ['search without a match', { ...first, search: 'nothing like this' }],
    ['search, order title', { ...first, search: 'some day', order: 'title' }],
  ];
  const laterOrders = ['position', 'due', 'completed', 'updated', 'priority', 'title'] as const;
  const later = await Promise.all(
    laterOrders.map(async (order): Promise<[string, number, Call]> => {
      const call: List = { ...first, order };
      return [`order ${order}, after 4,000 tasks`, user, { ...call, cursor: await findCursor(call, 4_000) }];
    }),
  );
  const calls: [title: string, user: number, call: Call][] = [
    [`first page of a user with ${database.size.tasks} tasks`, smallUser, first],
    ['first page', user, first],
    ['page after 10,000 tasks', user, { ...first, cursor: await findCursor(first, 10_000) }],
    ['page after 99,000 tasks', user, { ...first, cursor: await findCursor(first, 99_000) }],
    ['first page, oldest first', user, { ...first, order: 'oldest' }],
    ['first page, completed', user, completed],
    ['first page, not completed', user, { ...first, completed: false }],
    ['completed, after 30,000 of them', user, { ...completed, cursor: await findCursor(completed, 30_000) }],
    ['first page of 200', user, { ...first, limit: 200 }],
    ...everyList.flatMap(([title, call]): [string, number, Call][] => [
      [`${title}; a user with ${database.size.tasks} tasks`, smallUser, call],
      [title, user, call],
    ]),
    ...later,
    [
      `10 gets of a user with ${database.size.tasks} tasks`,
      smallUser,
      makeCall('batch', database.size, smallUser).call,
    ],
    ['10 gets', user, makeCall('batch', { users, tasks }, user).call],
  ];
  const run = (user: number, call: Call) => rig.run(running, { connections: 1, calls: [{ user, call }], until });
  for (const [, user, call] of calls) await run(user, call);
  const result: OneUser = { environment: readEnvironment(rig.server.version), tasks, calls: [] };
  for (const [title, user, call] of calls) {
    const { p50, p99 } = await run(user, call);
    result.calls.push({ title, p50, p99 });
  }
  await running.stop();
  return result;
}
