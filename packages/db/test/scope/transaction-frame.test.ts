import { inject, expect, test } from 'vitest';
import { createTask, getTask, listTasks, openDatabase, updateTask } from '../../src/index.ts';
import { toToolsSettings, toUserSettings } from '../../src/scope/session-settings.ts';
import { createFrame, toSettingsSql } from '../../src/scope/transaction-frame.ts';
import { openFaultProxy } from '../../src/testing/index.ts';
import { alice, ask, atEnd, bob, connect, openBareDatabase } from '../fixture.ts';

const { superuserUrl } = inject('testServer');
/** Only a superuser may force the form. */
const cannotForce = superuserUrl === undefined;
const newest = { limit: 10, order: 'newest' } as const;

/** A database whose transactions send BEGIN, SET LOCAL and COMMIT, and one connection to it through a proxy. */
async function openStatements() {
  const { url } = await openBareDatabase();
  const admin = await connect(superuserUrl!);
  await admin.query(`alter database ${new URL(url).pathname.slice(1)} set holdfast.session_settings = 'statements'`);
  const sql = await connect(url);
  const proxy = await openFaultProxy(url);
  atEnd(() => proxy.close());
  const db = await openDatabase({ url: proxy.url, poolMax: 1 });
  atEnd(() => db.close());
  return { db, sql, proxy };
}

test.skipIf(cannotForce)('with SET LOCAL, each call takes one round trip and applies the same settings', async () => {
  const { db, proxy } = await openStatements();
  const scope = db.asUser(alice);
  await listTasks(scope, newest);
  const before = proxy.roundTrips();
  const { id } = await createTask(scope, { title: 'x' });
  await updateTask(scope, { id, title: 'y' });
  const settings = await ask(
    scope,
    `select current_user, current_setting('app.user_id'), current_setting('transaction_isolation'),
      current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('search_path'),
      current_setting('plan_cache_mode'), current_setting('enable_seqscan')`,
  );
  expect(proxy.roundTrips() - before).toBe(3);
  expect(settings).toEqual([['holdfast_app', alice, 'read committed', '5s', '2s', 'public', 'auto', 'off']]);
  await expect(ask(db.asUser(bob, { readOnly: true }), `create temp table t ()`)).rejects.toMatchObject({
    code: 'READ_ONLY_WORK',
  });
  expect(await ask(db.asUser(bob), `select current_setting('app.user_id')`)).toEqual([[bob]]);
  expect(await getTask(scope, { id })).toMatchObject({ title: 'y' });
});

test.skipIf(cannotForce)(
  'with SET LOCAL, an error rolls back all statements, and the connection serves the next call',
  async () => {
    const { db, sql } = await openStatements();
    const scope = db.asUser(alice);
    await sql.query(`create function fail() returns trigger language plpgsql as
    $$ begin raise exception 'no' using errcode = new.title; end $$;
    create trigger fail before insert on tasks for each row when (new.title ~ '^[0-9A-Z]{5}$') execute function fail()`);
    for (const code of ['23514', '42P01', 'XX000']) {
      await expect(createTask(scope, { title: code })).rejects.toHaveProperty('code');
      expect(await listTasks(scope, newest)).toMatchObject({ items: [] });
    }
    // Citus reports the lost connection to another node in this way. The transaction has not been committed.
    await expect(createTask(scope, { title: '08006' })).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      isRetryable: true,
    });
    expect(await createTask(scope, { title: 'x' })).toMatchObject({ version: 1 });
  },
);

test.skipIf(cannotForce)(
  'with SET LOCAL, the outcome of a failed COMMIT is unknown unless its error shows a rollback',
  async () => {
    const { db, sql } = await openStatements();
    const scope = db.asUser(alice);
    await sql.query(`create function fail() returns trigger language plpgsql as
    $$ begin raise exception 'no' using errcode = new.title; end $$;
    create constraint trigger fail after insert on tasks deferrable initially deferred
    for each row when (new.title ~ '^[0-9A-Z]{5}$') execute function fail()`);
    await expect(createTask(scope, { title: '23514' })).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    await expect(createTask(scope, { title: '57014' })).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
    for (const title of ['XX000', '08006']) {
      await expect(createTask(scope, { title })).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        isRetryable: false,
      });
    }
    expect(await createTask(scope, { title: 'x' })).toMatchObject({ version: 1 });
  },
);

test.skipIf(cannotForce)('with SET LOCAL, the transactions of the entity manager have the settings too', async () => {
  const { db } = await openStatements();
  const read = `select current_user as role, current_setting('app.user_id') as user, current_setting('timezone') as zone`;
  await db.asUser(alice).transaction(async ({ em }) => {
    expect(await em.execute(read)).toEqual([{ role: 'holdfast_app', user: alice, zone: 'UTC' }]);
  });
  await db.acrossAllUsers(async (em) => {
    expect(await em.execute(read)).toEqual([{ role: 'holdfast_tools', user: '', zone: 'UTC' }]);
  });
});

test('SET LOCAL embeds only values that need no quotes', () => {
  const settings = toUserSettings({ userId: `'; drop table tasks --`, statementTimeoutMs: 1, readOnly: false });
  expect(() => createFrame('statements', settings)).toThrow(TypeError);
  expect(() => toSettingsSql(settings)).toThrow(TypeError);
  expect(toSettingsSql(toToolsSettings({ write: true, name: `a 'name'` }))).not.toContain('name');
});
