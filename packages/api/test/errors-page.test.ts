import { readFileSync } from 'node:fs';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { expect, test } from 'vitest';
import { codes } from '../src/errors.ts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

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

test('docs/errors.md says what each error of the database is on the wire', () => {
  const onTheWire = new Map<string, string>(codes.map(([type, code]) => [type.name, code]));
  const rows = readTable('What `@holdfast/db` throws').filter(([name]) => onTheWire.has(name!));
  expect(new Map(rows.map(([name, , , code]) => [name, code]))).toEqual(onTheWire);
});

test('docs/errors.md gives every code its own status', () => {
  const rows = readTable('What a client can meet');
  const listed = new Set(rows.map(([code]) => code));
  for (const [, code] of codes) expect(listed).toContain(code);
  for (const [code, status] of rows) {
    // Node's own limit for headers has a status of its own.
    if (status === '431') continue;
    const error = new TRPCError({ code: code as TRPCError['code'] });
    expect([code, String(getHTTPStatusCodeFromError(error))]).toEqual([code, status]);
  }
});
