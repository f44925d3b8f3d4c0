import { readDocsTable } from '@holdfast/db/testing';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { expect, test } from 'vitest';
import { codes } from '../src/errors.ts';

test('docs/errors.md lists the wire code of each database error', () => {
  const onTheWire = new Map<string, string>(codes.map(([type, code]) => [type.name, code]));
  const rows = readDocsTable('errors.md', 'Errors of `@holdfast/db`').filter(([name]) => onTheWire.has(name!));
  expect(new Map(rows.map(([name, , , code]) => [name, code]))).toEqual(onTheWire);
});

test('docs/errors.md lists the HTTP status of every code', () => {
  const rows = readDocsTable('errors.md', 'Error codes');
  const listed = new Set(rows.map(([code]) => code));
  for (const [, code] of codes) expect(listed).toContain(code);
  for (const [code, status] of rows) {
    // Node.js sends 431 for oversized headers. tRPC has no code for it.
    if (status === '431') continue;
    const error = new TRPCError({ code: code as TRPCError['code'] });
    expect([code, String(getHTTPStatusCodeFromError(error))]).toEqual([code, status]);
  }
});
