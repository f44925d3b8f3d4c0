import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openScratchServer } from '@holdfast/embedded-postgres';
import { expect, test } from 'vitest';
import { createTask, describeDatabaseFailure, getTask, listTasks, migrate, openDatabase } from '../../src/index.ts';
import { alice, atEnd, connect } from '../fixture.ts';

test('if the files of a table are removed, calls fail as unavailable and the database is not ready', async () => {
  const server = await openScratchServer();
  atEnd(() => server.stop());
  await migrate({ url: server.url });
  const db = await openDatabase({ url: server.url });
  atEnd(() => db.close());
  const scope = db.asUser(alice);
  const task = await createTask(scope, { title: 'lost' });
  expect(await db.pendingMigrations()).toEqual([]);

  const superuser = await connect(Object.assign(new URL(server.adminUrl), { pathname: '/holdfast' }).href);
  const { rows } = await superuser.query<{ path: string }>(
    `select pg_relation_filepath(oid) as path from pg_class where relname ~ '^tasks_' or relname = 'tasks'`,
  );
  for (const { path } of rows) await rm(join(server.dataDir, 'postgres', path), { force: true });
  // The processes of open connections still have the files open.
  await superuser.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  const calls = [
    () => getTask(scope, task),
    () => listTasks(scope, { limit: 5, order: 'newest' }),
    () => createTask(scope, { title: 'x' }),
    () => scope.transaction((inner) => getTask(inner, task)),
    () => db.acrossAllUsers((em) => em.execute('select count(*) from tasks')),
  ];
  for (const call of calls) {
    const error = await call().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', isRetryable: true, cause: { code: '58P01' } });
    expect(describeDatabaseFailure(error)).toContain('cannot read its files');
  }
  await expect(db.pendingMigrations()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});
