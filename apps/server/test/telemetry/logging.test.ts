import { setTimeout } from 'node:timers/promises';
import { openDatabase } from '@holdfast/db';
import { waitingForLocksSql } from '@holdfast/db/testing';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { createSlowStatementLog } from '../../src/telemetry/slow-statements.ts';
import { openServer, post, signUp } from '../fixture.ts';

const server = await openServer({ SLOW_QUERY_MS: '150' });
const { url, log } = server;
const { id, jwt, session } = await signUp(url, 'ada@example.org');
const bearer = { authorization: `Bearer ${jwt}` };
const db = await openDatabase({ url: server.databaseUrl });

// With its first token, a server loads the keys.
await fetch(`${url}/trpc/user.me`, { headers: bearer });

const findLine = async (requestId: string, msg: string) =>
  vi.waitFor(
    () => {
      const found = log.find((line) => line['requestId'] === requestId && line['msg'] === msg);
      expect(found).toBeDefined();
      return found!;
    },
    { timeout: 20_000 },
  );

/** Calls while the table is locked, so that the call takes longer than the threshold of slow statements. */
async function callLocked(table: string, call: () => Promise<unknown>): Promise<void> {
  const locked = Promise.withResolvers<void>();
  const lock = db.acrossAllUsers(
    async (em) => {
      await em.execute('reset role');
      await em.execute(`lock table ${table}`);
      locked.resolve();
      await expect.poll(async () => (await em.execute(waitingForLocksSql)).length).toBe(1);
      await setTimeout(200);
    },
    { write: true },
  );
  await locked.promise;
  await Promise.all([lock, call()]);
}

test('the log line of a request contains its user, procedures and cost', async () => {
  // The second list has another input. Equal reads of a batch are one statement.
  const input = encodeURIComponent(JSON.stringify({ 2: { limit: 1 } }));
  await fetch(`${url}/trpc/task.list,user.me,task.list,made-up-name?batch=1&input=${input}`, {
    headers: { ...bearer, 'x-request-id': 'batch-1' },
  });
  expect(await findLine('batch-1', 'request')).toMatchObject({
    userId: id,
    method: 'GET',
    procedures: 'task.list,user.me,unknown',
    calls: 4,
    status: 207,
    code: 'NOT_FOUND',
    statements: 3,
    durationMs: expect.any(Number),
    poolWaitMs: expect.any(Number),
  });
  await fetch(`${url}/livez`, { headers: { 'x-request-id': 'probe-1' } });
  expect(await findLine('probe-1', 'request')).not.toHaveProperty('procedures');
});

test('a slow statement is logged with its text and without its values', async () => {
  const headers = { authorization: `Bearer ${session}`, 'x-request-id': 'slow-1' };
  await callLocked('auth.session', () => fetch(`${url}/trpc/user.me`, { headers }));
  expect(await findLine('slow-1', 'slow statement')).toMatchObject({
    level: 40,
    procedure: null,
    statement: null,
    sql: expect.stringMatching(/^select .* from "auth"\."session" .*\$1/),
    durationMs: expect.any(Number),
    poolWaitMs: expect.any(Number),
    rows: 1,
    errorCode: null,
  });
  const text = JSON.stringify(log);
  for (const secret of [session, jwt, 'ada@example']) expect(text).not.toContain(secret);
});

test('a slow statement of a procedure is logged with its name and the procedure’s name', async () => {
  const created = await post(`${url}/trpc/task.create`, { title: 'x' }, bearer);
  const { id: taskId } = ((await created.json()) as { result: { data: { id: string } } }).result.data;
  const headers = { ...bearer, 'x-request-id': 'slow-2' };
  await callLocked('tasks', () => post(`${url}/trpc/task.update`, { id: taskId, title: 'Zanzibar' }, headers));
  await findLine('slow-2', 'request');
  const line = log.find((one) => one['requestId'] === 'slow-2' && one['statement'] === 'task_update')!;
  expect(line).toMatchObject({ msg: 'slow statement', procedure: 'task.update', rows: 1 });
  expect(line['durationMs']).toBeGreaterThan(150);
  expect(JSON.stringify(log)).not.toContain('Zanzibar');
});

test('the log contains at most ten slow statements per second, and counts the others', async () => {
  vi.useFakeTimers();
  const lines: Record<string, unknown>[] = [];
  const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line)) });
  const logSlowStatement = createSlowStatementLog({ logger, thresholdMs: 1 });
  const report = {
    operation: null,
    name: 'task_get',
    startedAt: 0,
    waitMs: 0,
    durationMs: 2,
    rows: 0,
    errorCode: null,
    sql: '',
  };
  for (let time = 0; time < 100; time += 1)
    logSlowStatement(report as unknown as Parameters<typeof logSlowStatement>[0]);
  expect(lines).toHaveLength(10);
  vi.advanceTimersByTime(1000);
  expect(lines.at(-1)).toMatchObject({ level: 40, msg: 'more slow statements', suppressed: 90 });
  logSlowStatement(report as unknown as Parameters<typeof logSlowStatement>[0]);
  expect(lines).toHaveLength(12);
  vi.useRealTimers();
});

test('a call with more statements than its procedure declares is logged once', async () => {
  // Reads of a batch that fail together run again separately.
  const runAsOwner = (sql: string) =>
    db.acrossAllUsers(
      async (em) => {
        await em.execute('reset role');
        await em.execute(sql);
      },
      { write: true },
    );
  await runAsOwner('revoke select on tasks from holdfast_app');
  await fetch(`${url}/trpc/task.list,task.list?batch=1`, { headers: { ...bearer, 'x-request-id': 'budget-1' } });
  await runAsOwner('grant select on tasks to holdfast_app');
  const lines = log.filter(({ msg }) => msg === 'more statements than declared');
  expect(lines).toEqual([
    expect.objectContaining({ level: 40, requestId: 'budget-1', procedure: 'task.list', statements: 2 }),
  ]);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('\nholdfast_access_refused_total 2\n');
  await db.close();
});
