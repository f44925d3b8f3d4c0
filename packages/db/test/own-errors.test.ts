import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createTask, DatabaseUnavailableError } from '../src/index.ts';
import { alice, asTools, openFixture } from './fixture.ts';

const { db, sql, url } = await openFixture();

const withCode = (code: string, message = 'own') => Object.assign(new Error(message), { code });

const ownErrors: [string, unknown][] = [
  ['an EPIPE of its output', withCode('EPIPE', 'write EPIPE')],
  ['an ECONNREFUSED of another service', withCode('ECONNREFUSED')],
  ['a code like a SQLSTATE', withCode('40001')],
  ['a code like the SQLSTATE of a refused write', withCode('25006')],
  ['a code of five characters', withCode('E1234')],
  ['a message like one of the driver', new Error('Connection terminated')],
  ['a TypeError', new TypeError('undefined is not a function')],
  ['an error of another database', new DatabaseUnavailableError({ cause: withCode('40001') })],
  ['a value that is no error', 'stop'],
];

test.each(ownErrors)('acrossAllUsers passes on the error of the work unchanged: %s', async (_, own) => {
  let runs = 0;
  const work = async () => {
    runs += 1;
    throw own;
  };
  await expect(db.acrossAllUsers(work).catch((error: unknown) => error)).resolves.toBe(own);
  await expect(db.acrossAllUsers(work, { write: true }).catch((error: unknown) => error)).resolves.toBe(own);
  expect(runs).toBe(2);
});

test.each(ownErrors)('transaction passes on the error of the work unchanged, and runs it once: %s', async (_, own) => {
  let runs = 0;
  const work = async () => {
    runs += 1;
    throw own;
  };
  await expect(
    db
      .asUser(alice)
      .transaction(work)
      .catch((error: unknown) => error),
  ).resolves.toBe(own);
  expect(runs).toBe(1);
});

test('errors of the driver in the same places are still translated', async () => {
  const lose = 'reset role; select pg_terminate_backend(pg_backend_pid())';
  await expect(db.acrossAllUsers((em) => em.execute(lose))).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  await expect(db.acrossAllUsers((em) => em.execute('select 1/0'))).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  const byKysely = db.asUser(alice).transaction(async ({ em }) => {
    const kysely = em.getKysely<{ missing: { id: string } }>();
    await kysely.selectFrom('missing').select('id').execute();
  });
  await expect(byKysely).rejects.toMatchObject({ code: 'DATABASE_FAULT', sqlState: '42P01' });
});

test('the report example into a closed pipe does not report an unavailable database', async () => {
  await createTask(db.asUser(alice), { title: 'x' });
  await asTools(sql, `insert into users (id) select gen_random_uuid() from generate_series(1, 20000)`);
  await asTools(sql, `insert into tasks (user_id, id, title) select id, gen_random_uuid(), 'x' from users`);
  const example = fileURLToPath(new URL('../examples/report.ts', import.meta.url));
  const script = `"${process.execPath}" "${example}" | head -1`;
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', script], {
    env: { ...process.env, DATABASE_URL: url },
  });
  expect(stdout).toBe('user,open,since\n');
  expect(stderr).toContain('EPIPE');
  expect(stderr).not.toMatch(/DatabaseUnavailable|not available/);
});
