import assert from 'node:assert/strict';
import { ask } from '../ask.ts';
import { readCircumstances } from '../circumstances.ts';
import { dialects } from '../contestants/dialect.ts';
import { holdfast } from '../contestants/index.ts';
import { addTasks, type BenchDatabase } from '../data.ts';
import { makeCall } from '../identities.ts';
import type { Call } from '../operations.ts';
import { tell } from '../progress.ts';
import type { OneUser } from '../results.ts';
import type { Rig } from '../rig.ts';

const tasks = 100_000;
const requests = 1000;

type List = Extract<Call, { operation: 'list' }>;

/** Calls of a user who has many tasks: whether what they cost depends on how many there are, and on the place in the list. */
export async function measureOneUser(rig: Rig, database: BenchDatabase): Promise<OneUser> {
  tell(`one user with ${tasks.toLocaleString('en')} tasks`);
  const ordinary = 0;
  // The one after the last of the ordinary ones; the rig has a token for them too.
  const user = database.size.users;
  await addTasks(database.admin, user, tasks);
  await database.tidy();
  const running = await rig.start(holdfast, database);
  const first: List = { operation: 'list', limit: 50 };

  /** Where the list goes on after so many tasks, as a client finds it: page by page. */
  async function findCursor(call: List, after: number): Promise<string> {
    let cursor: string | null = null;
    for (let seen = 0; seen < after; seen += 200) {
      const page: List = { ...call, limit: 200, ...(cursor !== null && { cursor }) };
      const { status, body } = await ask(running, page, { user, token: rig.tokens[user] });
      assert.equal(status, 200, JSON.stringify(body));
      cursor = dialects.trpc.toCursor(body);
    }
    assert.ok(cursor !== null);
    return cursor;
  }

  const isDone: List = { ...first, completed: true };
  const { users } = database.size;
  const calls: [title: string, user: number, call: Call][] = [
    [`first page of a user with ${database.size.tasks} tasks`, ordinary, first],
    ['first page', user, first],
    ['page after 10,000 tasks', user, { ...first, cursor: await findCursor(first, 10_000) }],
    ['page after 99,000 tasks', user, { ...first, cursor: await findCursor(first, 99_000) }],
    ['first page, oldest first', user, { ...first, order: 'oldest' }],
    ['first page, completed', user, isDone],
    ['first page, not completed', user, { ...first, completed: false }],
    ['completed, after 30,000 of them', user, { ...isDone, cursor: await findCursor(isDone, 30_000) }],
    ['first page of 200', user, { ...first, limit: 200 }],
    [`10 gets of a user with ${database.size.tasks} tasks`, ordinary, makeCall('batch', database.size, ordinary).call],
    ['10 gets', user, makeCall('batch', { users, tasks }, user).call],
  ];
  const run = (user: number, call: Call) =>
    rig.run(running, { connections: 1, calls: { user, call }, until: { requests } });
  for (const [, user, call] of calls) await run(user, call);
  const result: OneUser = { circumstances: readCircumstances(rig.server.version), tasks, calls: [] };
  for (const [title, user, call] of calls) {
    const { p50, p99 } = await run(user, call);
    result.calls.push({ title, p50, p99 });
  }
  await running.stop();
  return result;
}
