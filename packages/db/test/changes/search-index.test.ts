import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createTask, deleteTask, deleteTasks, purgeTasks, updateTask, type UserScope } from '../../src/index.ts';
import { asTools, atEnd, openFixture } from '../fixture.ts';

const { db, sql, url } = await openFixture();
const example = fileURLToPath(new URL('../../examples/search-index.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-index-'));
const path = join(folder, 'index.sqlite');
atEnd(async () => rmSync(folder, { recursive: true }));

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [example, path, ...args], { env: { DATABASE_URL: url }, stdio: 'inherit' });
  atEnd(async () => void child.kill('SIGKILL'));
  return child;
}

/** Runs the example until it has read everything. */
async function runOnce(): Promise<void> {
  expect(await once(start(), 'exit')).toEqual([0, null]);
}

let file: DatabaseSync | undefined;
atEnd(async () => file?.close());

function readIndex<Row>(select: string): Row[] {
  file ??= new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  return file.prepare(select).all() as Row[];
}

const readIndexed = () =>
  readIndex<{ key: string; title: string }>(
    `select user_id || ' ' || id as key, title from tasks join texts on texts.rowid = number`,
  ).map(({ key, title }) => `${key} ${title}`);

async function readTasks() {
  const { rows } = await asTools(sql, `select user_id || ' ' || id as key, title from tasks where deleted_at is null`);
  return rows.map(({ key, title }) => `${key} ${title}`);
}

const pick = <Item>(items: readonly Item[]) => items[Math.floor(Math.random() * items.length)]!;

/** Changes a random task in a random way. */
async function change(scope: UserScope, ids: string[]): Promise<void> {
  const kind = Math.random();
  if (kind < 0.4 || ids.length < 3) ids.push((await createTask(scope, { title: `new ${randomUUID()}` })).id);
  else if (kind < 0.7) await updateTask(scope, { id: pick(ids), title: `changed ${randomUUID()}` });
  else if (kind < 0.8) await deleteTasks(scope, { ids: ids.splice(0, 2) });
  else if (kind < 0.9) {
    const [id] = ids.splice(0, 1);
    await deleteTask(scope, { id: id! });
    await purgeTasks(scope, { ids: [id!] });
  } else
    await asTools(sql, `update tasks set title = 'by SQL' where user_id = $1 and deleted_at is null`, [scope.userId]);
}

test('the example of a search index, killed again and again, ends with each task once and none missing', async () => {
  const scopes = Array.from({ length: 20 }, () => db.asUser(randomUUID()));
  const tasks = new Map(scopes.map(({ userId }) => [userId, [] as string[]]));
  const stop = new AbortController();
  const write = async () => {
    while (!stop.signal.aborted) {
      const scope = pick(scopes);
      await change(scope, tasks.get(scope.userId)!);
    }
  };
  await runOnce();
  const writing = write();
  atEnd(async () => {
    stop.abort();
    await writing;
  });
  const readPositions = () => JSON.stringify(readIndex('select * from positions order by 1'));
  for (let time = 0; time < 8; time++) {
    const before = readPositions();
    const child = start('--follow');
    await expect.poll(readPositions, { interval: 5 }).not.toBe(before);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  stop.abort();
  await writing;
  await asTools(sql, 'delete from users where id = $1', [scopes[0]!.userId]);
  await runOnce();
  const indexed = readIndexed();
  expect(indexed.length).toBeGreaterThan(0);
  expect(indexed.toSorted()).toEqual((await readTasks()).toSorted());
  const counts = readIndex<{ tasks: number; texts: number }>(
    'select (select count(*) from tasks) as tasks, (select count(*) from texts) as texts',
  );
  expect({ ...counts[0] }).toEqual({ tasks: indexed.length, texts: indexed.length });
  await createTask(scopes[1]!, { title: 'Find the unicorn' });
  const following = start('--follow');
  const find = () => readIndex(`select rowid from texts where texts match 'unicorn'`);
  await expect.poll(find).toHaveLength(1);
  following.kill('SIGTERM');
  expect(await once(following, 'exit')).toEqual([0, null]);
});
