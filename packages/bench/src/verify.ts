import assert from 'node:assert/strict';
import { ask } from './ask.ts';
import { dialects } from './contestants/dialect.ts';
import type { RunningContestant } from './contestants/running.ts';
import type { BenchDatabase } from './data.ts';
import { makeCall, toTaskId, toUserId } from './identities.ts';
import type { BenchTask, Call } from './operations.ts';

/**
 * Makes sure that a contestant does the work that it is timed for, by comparing its answers with the database.
 *
 * @throws Error that says what was wrong.
 */
export async function verifyContestant(
  running: RunningContestant,
  database: BenchDatabase,
  tokens: readonly string[],
): Promise<void> {
  const { size } = database;
  const { toTasks } = dialects[running.contestant.dialect];

  async function get(call: Call, user: number): Promise<BenchTask[]> {
    const { status, body } = await ask(running, call, { user, token: tokens[user] });
    assert.equal(status, 200, `${call.operation}: ${JSON.stringify(body)}`);
    return toTasks(call, body).map(normalise);
  }

  try {
    for (const operation of ['list', 'get', 'batch'] as const) {
      const { user, call } = makeCall(operation, size);
      const wanted = await findTasks(database, user, call);
      assert.equal(wanted.length, { list: Math.min(20, size.tasks), get: 1, batch: 10 }[operation]);
      assert.deepEqual(await get(call, user), wanted, operation);
    }

    const update = makeCall('update', size);
    const { id, title } = update.call as { id: string; title: string };
    const asOne: Call = { operation: 'get', id };
    const [before] = await findTasks(database, update.user, asOne);
    const [updated] = await get(update.call, update.user);
    const [after] = await findTasks(database, update.user, asOne);
    assert.deepEqual(updated, after, 'update answers the task as it is stored');
    assert.equal(after?.title, title, 'update stores the title');
    assert.notEqual(after?.updatedAt, before?.updatedAt, 'update stores the time');

    const create = makeCall('create', size);
    const [created] = await get(create.call, create.user);
    const [stored] = await findTasks(database, create.user, { operation: 'get', id: created!.id });
    assert.deepEqual(created, stored, 'create stores the task for its owner');
    await get({ operation: 'delete', id: created!.id }, create.user);
    const left = await findTasks(database, create.user, { operation: 'get', id: created!.id });
    assert.deepEqual(left, [], 'delete deletes');

    await assertClosed(running, tokens);
  } catch (error) {
    const errors = await running.readErrors();
    throw new Error(
      `${running.contestant.title} does not do what is timed: ${(error as Error).message}\n${errors}`.trimEnd(),
      { cause: error },
    );
  }
}

/** Nobody's token, a changed one, and another user's: none of them may show the task. */
async function assertClosed(running: RunningContestant, tokens: readonly string[]): Promise<void> {
  const call = { operation: 'get', id: toTaskId(0, 0) } as const;
  const changed = `${tokens[0]!.slice(0, -4)}AAAA`;
  for (const token of [undefined, changed, tokens[1]]) {
    const { body } = await ask(running, call, { user: 0, token });
    assert.ok(!JSON.stringify(body).includes(call.id), 'a task is shown to somebody else');
  }
}

async function findTasks({ admin }: BenchDatabase, user: number, call: Call): Promise<BenchTask[]> {
  const columns = `id, title, description, completed, completed_at as "completedAt",
    created_at as "createdAt", updated_at as "updatedAt", version`;
  const isList = call.operation === 'list';
  const ids = 'id' in call ? [call.id] : 'ids' in call ? call.ids : null;
  const { rows } = await admin.query<BenchTask>(
    `select ${columns} from tasks where user_id = $1 and ($2::uuid[] is null or id = any($2))
     order by array_position($2, id), created_at desc, tasks.id desc limit $3`,
    [toUserId(user), ids, isList ? call.limit : 1000],
  );
  return rows.map(normalise);
}

/** Of a delete's answer, which has no times, nothing. */
function toIso(time: string | undefined): string {
  return time === undefined ? '' : new Date(time).toISOString();
}

/** Contestants write times in different ways, and may give more than what was asked for. */
function normalise(task: BenchTask): BenchTask {
  return {
    id: task.id,
    title: task.title,
    description: task.description,
    completed: task.completed,
    completedAt: task.completedAt && toIso(task.completedAt),
    createdAt: toIso(task.createdAt),
    updatedAt: toIso(task.updatedAt),
    version: task.version,
  };
}
