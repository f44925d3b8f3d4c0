import { expect, test } from 'vitest';
import { errorCodes } from '../src/connection/error-codes.ts';
import * as general from '../src/errors.ts';
import * as ofTasks from '../src/tasks/errors.ts';
import { readPageTable } from '../src/testing/index.ts';

const errors = { ...ofTasks, ...general };

test('docs/errors.md says of each of the database’s errors what the code does', () => {
  const rows = errorCodes.map(({ codes, messages = [], severity = '', error, isRetryable, retry }) => [
    codes.join(', '),
    messages.join(', '),
    severity,
    error,
    isRetryable ? 'yes' : 'no',
    retry ? `${retry.when}: ${retry.cause}` : '',
  ]);
  expect(readPageTable('errors.md', 'Database error codes')).toEqual(rows);
});

test('docs/errors.md names every error of this package with its code', () => {
  const made = [
    new errors.TaskNotFoundError(),
    new errors.TaskConflictError('', {} as never),
    new errors.InvalidCursorError(),
    new errors.InvalidValueError(''),
    new errors.AccessRefusedError(),
    new errors.DatabaseUnavailableError(),
    new errors.StatementTimeoutError(),
    new errors.AbortedError(),
    new errors.DatabaseFaultError(),
    new errors.ReadOnlyWorkError(),
    new errors.RowSecurityError([]),
    new errors.InvalidDatabaseUrlError(''),
  ];
  expect(made.map(({ name }) => name).sort()).toEqual(Object.keys(errors).sort());
  const rows = readPageTable('errors.md', 'Errors of `@holdfast/db`').map(([name, code]) => [name, code]);
  expect(rows).toEqual(made.map(({ name, code }) => [name, code]));
});
