import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { driverFailures } from '../src/driver-failures.ts';
import * as errors from '../src/errors.ts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** The rows of the table below a heading, without their marks of code. */
function readTable(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}

test('docs/errors.md says of each of the database’s errors what the code does', () => {
  const rows = driverFailures.map(({ codes, messages = [], severity = '', error, isUndone, retry }) => [
    codes.join(', '),
    messages.join(', '),
    severity,
    error,
    isUndone ? 'yes' : 'no',
    retry ? `${retry.when}: ${retry.cause}` : '',
  ]);
  expect(readTable('What the database says')).toEqual(rows);
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
    new errors.MissingWallError([]),
    new errors.InvalidDatabaseUrlError(''),
  ];
  expect(made.map(({ name }) => name).sort()).toEqual(Object.keys(errors).sort());
  const rows = readTable('What `@holdfast/db` throws').map(([name, code]) => [name, code]);
  expect(rows).toEqual(made.map(({ name, code }) => [name, code]));
});
