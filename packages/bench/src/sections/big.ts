import { setTimeout as sleep } from 'node:timers/promises';
import { createTask, migrate, openDatabase, runMaintenance, updateTask } from '@holdfast/db';
import { migrateUpTo } from '@holdfast/db/testing';
import { Client } from 'pg';
import { readEnvironment } from '../environment.ts';
import { type Size, toUserId } from '../identities.ts';
import { reportProgress } from '../progress.ts';
import type { Big } from '../results.ts';
import type { Rig } from '../rig.ts';
import { addTrashAndLog, fillFormerTables } from './big-data.ts';
import { startWriter, type Writer } from './writer.ts';

const firstRelease = '0001-users-and-tasks';
const tasksPerUser = 1_000;
const writeEveryMs = 20;
const aloneMs = 3_000;
/** Search texts of all tasks would take an hour. */
const foldMs = 30_000;
const writingUser = toUserId(0);

type Steps = Big['steps'];

/** Runs migrations and maintenance on many tasks beside a user who writes, and measures the longest write of each step. */
export async function measureBig(rig: Rig, tasks: number): Promise<Big> {
  const size: Size = { users: Math.ceil(tasks / tasksPerUser), tasks: tasksPerUser };
  const database = await rig.server.createDatabase('bench_big');
  reportProgress(`Filling the tables of the first release with ${tasks.toLocaleString('en')} tasks`);
  await migrateUpTo(database.ownerUrl, firstRelease);
  await fillFormerTables(database.adminUrl, database.admin, size);
  const steps: Steps = [];
  await measureMigrations(database.ownerUrl, steps);
  reportProgress('Filling the trash and the log');
  await addTrashAndLog(database.admin, size);
  await measureMaintenance(database, steps);
  return { environment: readEnvironment(rig.server.version), tasks: size.users * size.tasks, writeEveryMs, steps };
}

async function measureMigrations(url: string, steps: Steps): Promise<void> {
  const client = new Client(url);
  await client.connect();
  const writer = startWriter(() => writeAsFirstRelease(client), writeEveryMs);
  const measure = createMeasure(writer, steps);
  await measure('the writes alone', () => sleep(aloneMs));
  let step: { title: string; startedAt: number } | undefined;
  const startedAt = performance.now();
  const next = (title?: string) => {
    const now = performance.now();
    if (step !== undefined) add(steps, { ...step, endedAt: now, writer });
    step = title === undefined ? undefined : { title, startedAt: now };
  };
  await migrate({
    url,
    onStep: (title) => {
      reportProgress(`Migration: ${title}`);
      next(title);
    },
  });
  next();
  add(steps, { title: 'all migrations', startedAt, endedAt: performance.now(), writer });
  await writer.stop();
  await client.end();
}

async function measureMaintenance({ ownerUrl, admin }: { ownerUrl: string; admin: Client }, steps: Steps) {
  const db = await openDatabase({ url: ownerUrl });
  const user = db.asUser(writingUser);
  const writer = startWriter(async () => {
    const { id } = await createTask(user, { title: 'created beside other work' });
    await updateTask(user, { id, title: 'updated beside other work' });
  }, writeEveryMs);
  const measure = createMeasure(writer, steps);
  await measure('the writes alone, after the migrations', () => sleep(aloneMs));
  await runJobs(ownerUrl, { steps, writer });
  await measure('vacuum of tasks and changes', () => admin.query('vacuum (analyze) tasks, changes'));
  await writer.stop();
  await db.close();
}

/** Runs maintenance once. Kinds without rows are left out. */
async function runJobs(url: string, { steps, writer }: { steps: Steps; writer: Writer }): Promise<void> {
  const ending = new AbortController();
  let current: { title: string; rows: number; startedAt: number } | undefined;
  let lastBatchAt = performance.now();
  const end = () => {
    if (current !== undefined && current.rows > 0) add(steps, { ...current, endedAt: lastBatchAt, writer });
  };
  await runMaintenance({
    url,
    signal: ending.signal,
    onBatch: (kind, rows) => {
      const title = `maintenance: ${kind}`;
      if (current?.title !== title) {
        end();
        reportProgress(`Maintenance: ${kind}`);
        current = { title, rows: 0, startedAt: lastBatchAt };
        if (kind === 'search texts') setTimeout(() => ending.abort(), foldMs).unref();
      }
      current.rows += rows;
      lastBatchAt = performance.now();
    },
  });
  end();
}

function createMeasure(writer: Writer, steps: Steps) {
  return async (title: string, work: () => Promise<unknown>) => {
    reportProgress(title);
    const startedAt = performance.now();
    await work();
    add(steps, { title, startedAt, endedAt: performance.now(), writer });
  };
}

function add(
  steps: Steps,
  {
    title,
    rows = null,
    writer,
    ...span
  }: { title: string; rows?: number | null; startedAt: number; endedAt: number; writer: Writer },
): void {
  steps.push({ title, rows, seconds: (span.endedAt - span.startedAt) / 1000, ...writer.describe(span) });
}

/** A create and an update in the form of the first release, which run on the schema of every later one. */
async function writeAsFirstRelease(client: Client): Promise<void> {
  try {
    await client.query(`begin; set local role holdfast_app; set local app.user_id = '${writingUser}'`);
    const { rows } = await client.query<{ id: string }>(
      `with owner as (insert into users (id) values ($1) on conflict (id) do nothing)
      insert into tasks (user_id, id, title) values ($1, gen_random_uuid(), 'created beside other work') returning id`,
      [writingUser],
    );
    await client.query(
      `update tasks set title = 'updated beside other work', updated_at = greatest(updated_at, now()), version = version + 1
      where user_id = $1 and id = $2`,
      [writingUser, rows[0]!.id],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
