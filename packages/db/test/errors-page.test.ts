import { expect, test } from 'vitest';
import { errorCodes } from '../src/connection/error-codes.ts';
import * as generalErrors from '../src/errors.ts';
import * as listErrors from '../src/lists/errors.ts';
import { InvalidCursorError } from '../src/records/cursor.ts';
import * as taskErrors from '../src/tasks/errors.ts';
import { readDocsTable } from '../src/testing/index.ts';
import * as userErrors from '../src/users/errors.ts';
import { OperationConflictError } from '../src/writes/operation.ts';
import { TooManyTasksError } from '../src/writes/size-limit.ts';

const errors = {
  ...taskErrors,
  ...listErrors,
  ...userErrors,
  InvalidCursorError,
  OperationConflictError,
  TooManyTasksError,
  ...generalErrors,
};

test('the error codes in docs/errors.md match the table in the code', () => {
  const rows = errorCodes.map(({ codes, messages = [], severity = '', error, outcome = 'not applied', retry }) => [
    codes.join(', '),
    messages.join(', '),
    severity,
    error,
    outcome,
    retry ? `${retry.when}: ${retry.cause}` : '',
  ]);
  expect(readDocsTable('errors.md', 'Database error codes')).toEqual(rows);
});

test('docs/errors.md lists every error of this package with its code', () => {
  const all = [
    new errors.TaskNotFoundError(),
    new errors.TaskConflictError('', {} as never),
    new errors.ListNotFoundError(null),
    new errors.ListConflictError('', null),
    new errors.TooManyListsError(),
    new errors.TooManyTasksError(''),
    new errors.LabelLimitError([]),
    new errors.OperationConflictError(),
    new errors.InvalidCursorError(),
    new errors.InvalidValueError(''),
    new errors.AccessRefusedError(),
    new errors.UserErasedError(),
    new errors.ForeignNameError(),
    new errors.DatabaseUnavailableError(),
    new errors.StatementTimeoutError(),
    new errors.AbortedError(),
    new errors.DatabaseFaultError(),
    new errors.ReadOnlyWorkError(),
    new errors.RowSecurityError([]),
    new errors.UnsupportedDatabaseError([]),
    new errors.InvalidDatabaseUrlError(''),
  ];
  expect(all.map(({ name }) => name).sort()).toEqual(Object.keys(errors).sort());
  const rows = readDocsTable('errors.md', 'Errors of `@holdfast/db`').map(([name, code]) => [name, code]);
  expect(rows).toEqual(all.map(({ name, code }) => [name, code]));
});

test.each([true, false])('the deprecated isUndone equals isRetryable: %s', (isRetryable) => {
  expect(new errors.DatabaseUnavailableError({ isRetryable })).toMatchObject({ isRetryable, isUndone: isRetryable });
});
