import assert from 'node:assert/strict';
import { dialects } from './contestants/dialect.ts';
import type { RunningContestant } from './contestants/running.ts';
import type { BenchDatabase } from './data.ts';
import { makeCall, toTaskId, toUserId } from './identities.ts';
import type { BenchTask, Call } from './operations.ts';
import { sendRequest } from './send-request.ts';

/**
 * Compares a contestant's responses with the database, so that only complete work is measured.
 *
 * @throws Error that describes the first difference.
 */
export async function verifyContestant(
  running: RunningContestant,
  database: BenchDatabase,
  tokens: readonly string[],
): Promise<void> {
  const { size } = database;
  const { toTasks } = dialects[running.contestant.dialect];

  async function get(call: Call, user: number): Promise<BenchTask[]> {
    const { status, body } = await sendRequest(running, call, { user, token: tokens[user] });
    assert.equal(status, 200, `${call.operation}: ${JSON.stringify(body)}`);
    return toTasks(call, body).map(normalise);
  }

  try {
    for (const operation of ['list', 'get', 'batch'] as const) {
      const { user, call } = makeCall(operation, size);
      const expected = await findTasks(database, user, call);
      assert.equal(expected.length, { list: Math.min(20, size.tasks), get: 1, batch: 10 }[operation]);
      assert.deepEqual(await get(call, user), expected, operation);
    }

    const update = makeCall('update', size);
    const { id, title } = update.call as { id: string; title: string };
    const getCall: Call = { operation: 'get', id };
    const [before] = await findTasks(database, update.user, getCall);
    const [updated] = await get(update.call, update.user);
    const [after] = await findTasks(database, update.user, getCall);
    assert.deepEqual(updated, after, 'update must return the stored task');
    assert.equal(after?.title, title, 'update must store the title');
    assert.notEqual(after?.updatedAt, before?.updatedAt, 'update must store the time');

    const create = makeCall('create', size);
    const [created] = await get(create.call, create.user);
    const [stored] = await findTasks(database, create.user, { operation: 'get', id: created!.id });
    assert.deepEqual(created, stored, 'create must store the task for its owner');
    await get({ operation: 'delete', id: created!.id }, create.user);
    const left = await findTasks(database, create.user, { operation: 'get', id: created!.id });
    assert.deepEqual(left, [], 'delete must delete the task');

    await assertNoAccess(running, tokens);
  } catch (error) {
    const errors = await running.readErrors();
    throw new Error(
      `${running.contestant.title} fails the check before the measurement: ${(error as Error).message}\n${errors}`.trimEnd(),
      { cause: error },
    );
  }
}

/** A request without a token, with a changed one or with another user's token must not return the task. */
async function assertNoAccess(running: RunningContestant, tokens: readonly string[]): Promise<void> {
  const call = { operation: 'get', id: toTaskId(0, 0) } as const;
  const changed = `${tokens[0]!.slice(0, -4)}AAAA`;
  for (const token of [undefined, changed, tokens[1]]) {
    const { body } = await sendRequest(running, call, { user: 0, token });
    assert.ok(!JSON.stringify(body).includes(call.id), 'the response contains a task of another user');
  }
}

async function findTasks({ admin }: BenchDatabase, user: number, call: Call): Promise<BenchTask[]> {
  const columns = `id, title, description, completed, completed_at as "completedAt",
    created_at as "createdAt", updated_at as "updatedAt", version`;
  const isList = call.operation === 'list';
  const ids = 'id' in call ? [call.id] : 'ids' in call ? call.ids : null;
  const { rows } = await admin.query<BenchTask>(
    `select ${columns} from tasks where user_id = $1 and deleted_at is null and ($2::uuid[] is null or id = any($2))
     order by array_position($2, id), created_at desc, tasks.id desc limit $3`,
    [toUserId(user), ids, isList ? call.limit : 1000],
  );
  return rows.map(normalise);
}

/** The response to a delete has no times: they become empty. */
function toIso(time: string | undefined): string {
  return time === undefined ? '' : new Date(time).toISOString();
}

/** Contestants format times in different ways and can return more fields. */
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
