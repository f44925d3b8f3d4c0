import { readDocsTable } from '@holdfast/db/testing';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { expect, test } from 'vitest';
import { codes } from '../src/errors.ts';

test('docs/errors.md says what each error of the database is on the wire', () => {
  const onTheWire = new Map<string, string>(codes.map(([type, code]) => [type.name, code]));
  const rows = readDocsTable('errors.md', 'What `@holdfast/db` throws').filter(([name]) => onTheWire.has(name!));
  expect(new Map(rows.map(([name, , , code]) => [name, code]))).toEqual(onTheWire);
});

test('docs/errors.md gives every code its own status', () => {
  const rows = readDocsTable('errors.md', 'What a client can meet');
  const listed = new Set(rows.map(([code]) => code));
  for (const [, code] of codes) expect(listed).toContain(code);
  for (const [code, status] of rows) {
    // Node's own limit for headers has a status of its own.
    if (status === '431') continue;
    const error = new TRPCError({ code: code as TRPCError['code'] });
    expect([code, String(getHTTPStatusCodeFromError(error))]).toEqual([code, status]);
  }
});
