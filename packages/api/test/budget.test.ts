import { randomUUID } from 'node:crypto';
import { type DatabaseObserver } from '@holdfast/db';
import { wrapScope } from '@holdfast/db/testing';
import { currentOperation, inOperation } from '@holdfast/operation';
import { describe, expect, inject, test } from 'vitest';
import { type CallReport, createCaller, createContext } from '../src/index.ts';
import { createUser, openFixture, password, toAccount } from './fixture.ts';
import { procedures } from './http.ts';

const sent: (string | null)[] = [];
const observer: DatabaseObserver = { onStatement: ({ operation }) => sent.push(operation?.name ?? null) };
const { db, store } = await openFixture({ observer });

const reports: CallReport[] = [];
const onCall = (report: CallReport) => void reports.push(report);
const call = (caller = createUser()) =>
  createCaller(createContext({ db, caller, onCall, openAccount: () => toAccount(store, caller) }));

/** Calls each procedure with the input that causes the most work. */
async function callEach(): Promise<void> {
  const { task, trash, user, list, label, changes, calendar } = call();
  await user.me();
  await user.update({ name: 'Ann', timeZone: 'Europe/Berlin' });
  const { id } = await task.create({ title: 'x' });
  for (let more = 0; more < 30; more++) await task.create({ title: 'more' });
  await task.list({ limit: 30 });
  await task.list({ limit: 30, order: 'due', search: 'more', label: 'home' });
  await task.count({ search: 'more' });
  await task.get({ id });
  await task.update({ id, title: 'y', completed: true, ifVersion: 1 });
  await task.delete({ id, ifVersion: 2 });
  const home = await list.create({ name: 'Home' });
  const operation = () => ({ id: home.id, operationId: randomUUID() });
  await task.create({ title: 'x', listId: home.id, labels: ['home'] });
  await list.list();
  await list.update({ ...operation(), name: 'House', archived: true, ifVersion: 1 });
  await list.delete({ ...operation(), ifVersion: 2 });
  await list.restore(operation());
  await list.delete({ ...operation(), moveTo: null });
  await label.list();
  await label.rename({ from: 'home', to: 'house', operationId: randomUUID() });
  const { items } = await task.createMany({ items: Array.from({ length: 30 }, () => ({ title: 'many' })) });
  const ids = items.map((item) => item.id);
  await task.updateMany({ ids, set: { title: 'z', addLabels: ['x'] }, operationId: randomUUID() });
  await task.reorder({ listId: null, ids: ids.toReversed(), operationId: randomUUID() });
  await task.deleteMany({ ids, operationId: randomUUID() });
  await trash.list({ limit: 30 });
  await trash.restore({ ids: [id], operationId: randomUUID() });
  await trash.purge({ ids: [id] });
  await trash.purge({ before: new Date().toISOString() });
  await changes.list();
  const { lists, tasks } = await user.export();
  await user.import({ lists, tasks });
  await user.import({ tasks: Array.from({ length: 30 }, () => ({ id: randomUUID(), title: 'imported' })) });
  await calendar.create();
  await calendar.get();
  await calendar.revoke();
  await user.delete({ password });
}

/** A write locks the user, writes, and logs. A user is not in the log. A copy begins with lists and tasks. */
function countStatements(procedure: string): number {
  // It removes the records, looks for a long log, and then removes the user in a separate transaction of six statements. On a Citus
  // cluster, no trigger of the user's row marks the ID of a user without an account.
  if (procedure === 'user.delete') return 4 + (inject('testServer').isCluster ? 7 : 6);
  if (procedure === 'calendar.revoke') return 1;
  if (procedure === 'calendar.create') return 2;
  if (procedure === 'user.update' || procedure === 'changes.list' || procedure === 'user.export') return 2;
  return procedures[procedure]?._def.type === 'mutation' ? 3 : 1;
}

describe('the statement budget of procedures', () => {
  test('every procedure sends at most the statements that it declares', async () => {
    reports.length = 0;
    sent.length = 0;
    await callEach();
    expect(new Set(reports.map(({ procedure }) => procedure))).toEqual(new Set(Object.keys(procedures)));
    for (const { procedure, cost, isOverBudget } of reports) {
      expect([procedure, cost.statements, isOverBudget]).toEqual([procedure, countStatements(procedure), false]);
    }
    expect(sent).toEqual(reports.flatMap(({ procedure, cost }) => Array(cost.statements).fill(procedure)));
  });

  test('an update that returns the previous tasks sends one statement more, within its budget', async () => {
    const { task } = call();
    const { id } = await task.create({ title: 'one' });
    reports.length = 0;
    await task.updateMany({ ids: [id], set: { priority: 1 }, returnPrevious: true });
    expect(reports).toMatchObject([{ cost: { statements: 4 }, isOverBudget: false }]);
    const ids = Array.from({ length: 101 }, () => randomUUID());
    await expect(task.updateMany({ ids, set: { priority: 1 }, returnPrevious: true })).rejects.toThrow(
      'must have at most 100 items with returnPrevious',
    );
  });

  test('every call reports its outcome', async () => {
    reports.length = 0;
    const { task } = call();
    await task.get({ id: randomUUID() }).catch(() => {});
    await task.create({ title: '' }).catch(() => {});
    await createCaller(createContext({ db, caller: null, onCall }))
      .task.list()
      .catch(() => {});
    expect(reports.map(({ procedure, outcome, cost }) => [procedure, outcome, cost.statements])).toEqual([
      ['task.get', 'NOT_FOUND', 1],
      ['task.create', 'BAD_REQUEST', 0],
      ['task.list', 'UNAUTHORIZED', 0],
    ]);
  });

  test('a call that sends more statements than declared is reported as over budget', async () => {
    reports.length = 0;
    const scope = db.asUser(createUser().userId);
    const greedy = wrapScope(scope, (run) => async (statement, args) => {
      await run(statement, args);
      return run(statement, args);
    });
    await createCaller({ scope: greedy, pageBytes: Infinity, onCall }).task.list();
    expect(reports).toMatchObject([{ procedure: 'task.list', cost: { statements: 2 }, isOverBudget: true }]);
  });

  test('a call ends when its request times out or is aborted', async () => {
    const { task } = call();
    await expect(inOperation({ deadlineAt: 0 }, () => task.list())).rejects.toMatchObject({ code: 'GATEWAY_TIMEOUT' });
    await expect(inOperation({ signal: AbortSignal.abort() }, () => task.list())).rejects.toMatchObject({
      code: 'CLIENT_CLOSED_REQUEST',
    });
    expect(currentOperation()).toBeNull();
  });
});
