import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { expect, test } from 'vitest';
import { readBackupFile } from '../../src/backup/file.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { restoreUser } from '../../src/backup/user/restore-user.ts';
import { createList, createTask } from '../../src/index.ts';
import { backUp, openEmpty, server } from '../backup/fixture.ts';
import { asTools, connect } from '../fixture.ts';
import { openLogFixture } from './fixture.ts';

const { db, sql, url, readLog, createUser } = await openLogFixture();

const readAll = async (client: Client) =>
  (
    await asTools(
      client,
      `select users.id, users.revision, changes::text from users join changes on user_id = id order by 1, 3`,
    )
  ).rows;

test('a restore logs nothing, and the restored database logs the changes of other writers', async () => {
  const user = await createUser();
  const { id } = await createTask(db.asUser(user), { title: 'x' });
  const bySql = randomUUID();
  await asTools(sql, `insert into tasks (user_id, id, title) values ($1, $2, 'x')`, [user, bySql]);
  await asTools(sql, `insert into lists (user_id, id, name) values ($1, $2, 'x')`, [user, bySql]);
  const { file } = await backUp(url);
  const target = await openEmpty();
  await restoreBackup({ url: target, source: readBackupFile(file) });
  const restored = await connect(target);
  expect(await readAll(restored)).toEqual(await readAll(sql));
  await asTools(restored, `update tasks set title = 'y' where id = any ($1)`, [[id, bySql]]);
  const { rows } = await asTools(restored, 'select task_ids::text[] from changes where revision = 4');
  expect(rows).toEqual([{ task_ids: [id, bySql].toSorted() }]);
});

test('a restore of one user leaves one row in the log, and nothing to be logged', async () => {
  const user = await createUser();
  const scope = db.asUser(user);
  await createList(scope, { name: 'x' });
  await asTools(
    sql,
    `insert into tasks (user_id, id, title) select $1, gen_random_uuid(), 'x' from generate_series(1, 50)`,
    [user],
  );
  const { file } = await backUp(url);
  await asTools(sql, `update tasks set title = 'y' where user_id = $1`, [user]);
  await asTools(sql, `update lists set name = 'y' where user_id = $1`, [user]);
  await createTask(scope, { title: 'since' });
  const { differences } = await restoreUser({ url, source: readBackupFile(file), server, user, apply: true });
  expect(differences).toHaveLength(52);
  const log = await readLog(user);
  expect(log).toEqual([{ revision: log[0]!.revision, tasks: [], lists: [] }]);
  expect(log[0]!.revision).toBeGreaterThan(5);
  const { rows } = await asTools(sql, 'select revision::int from users where id = $1', [user]);
  expect(rows).toEqual([{ revision: log[0]!.revision }]);
  expect((await sql.query('select * from unlogged_changes')).rows).toEqual([]);
});
