import { DatabaseError } from 'pg-protocol';
import { expect, test } from 'vitest';
import { isMissingOwner, toNamedError } from '../../src/connection/driver-error.ts';
import { alice, openFixture } from '../fixture.ts';

const { db } = await openFixture();

test.each(['the user was deleted', 'constraint "tasks_user_id"', 'while executing command on a:5432'])(
  'a database error that quotes the text %s of a user says nothing about a constraint or a deleted user',
  async (text) => {
    const failed = db.asUser(alice).transaction(({ em }) => em.execute('select ?::int', [text]));
    await expect(failed).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      message: 'The database rejected a value.',
      constraint: undefined,
    });
  },
);

/** An error of a node, as the coordinator of a Citus cluster passes it on. */
const passOn = (code: string, message: string, where = 'while executing command on worker-1:5432') =>
  Object.assign(new DatabaseError(message, message.length, 'error'), { code, where });

test('the constraint of an error that Citus passes on is that of its message, without the number of the shard', () => {
  const message = 'new row for relation "tasks_102008" violates check constraint "tasks_title_length_102008"';
  expect(toNamedError(passOn('23514', message))).toMatchObject({ constraint: 'tasks_title_length' });
  const key = 'insert or update on table "tasks_102008" violates foreign key constraint "tasks_user_id_102008"';
  expect(isMissingOwner(passOn('23503', key))).toBe(true);
  const context =
    'PL/pgSQL function auth.refuse_erased_user() line 4 at RAISE\nwhile executing command on 10.0.0.2:5432';
  expect(toNamedError(passOn('23514', 'the user was deleted', context))).toMatchObject({ code: 'USER_ERASED' });
  expect(toNamedError(passOn('22P02', 'invalid input: "constraint "tasks_user_id""'))).toMatchObject({
    constraint: undefined,
  });
});
