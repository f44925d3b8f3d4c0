import { randomUUID } from 'node:crypto';
import type { TRPCError } from '@trpc/server';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createUser, openFixture } from './fixture.ts';
import { openServer, procedures } from './http.ts';

const { db, store, as } = await openFixture();
const { call } = await openServer(db, store);
const caller = createUser();
const { task } = as(caller);

const awkward = [
  '👩‍👩‍👧‍👦',
  '🇨🇭',
  '𝒳',
  'e\u{301}',
  'مرحبا',
  '\u{202e}',
  'שלום',
  '\u{0}',
  '\ud800',
  '\udc00',
  "'",
  '"',
  '`',
  '\\',
  "\\'",
  '--',
  ';',
  '$1',
  '$$',
  '?',
  '??',
  ':id',
  '%',
  '_',
  '{}',
  '${x}',
  '\r\n',
  '\t',
  '\u{1}',
  '\u{7f}',
  '\u{fffd}',
  '\u{ffff}',
  '\u{10ffff}',
];
const spaces =
  '\t\n\v\f\r\u{1c}\u{1d}\u{1e}\u{1f} \u{85}\u{a0}\u{1680}\u{180e}\u{2000}\u{2003}\u{200a}\u{200b}\u{2028}\u{2029}\u{202f}\u{205f}\u{2060}\u{3000}\u{feff}';

const half = fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit));
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...awkward, 'a', ' ') }),
  fc.string({ unit: fc.oneof(half, fc.constant('a')), maxLength: 6 }),
  fc.string({ unit: fc.constantFrom(...Array.from(spaces)), maxLength: 6 }),
  fc
    .tuple(fc.constantFrom('x', '😀', 'é', ' '), fc.constantFrom(499, 500, 501, 9_999, 10_000, 10_001))
    .map(([unit, count]) => unit.repeat(count)),
);

/** Returns the result of a call, or null for BAD_REQUEST. Any other error fails the test. */
async function orRefused<Result>(call: Promise<Result>): Promise<Result | null> {
  return call.catch((error: TRPCError) => {
    if (error.code === 'BAD_REQUEST') return null;
    throw error;
  });
}

const isStorable = (value: string) => value.isWellFormed() && !value.includes('\0');
const hasLetter = (value: string) => /[\p{L}\p{N}]/u.test(value);
const hasAtMost = (max: number, value: string) => Array.from(value).length <= max;

test('any title is returned trimmed and otherwise unchanged, or refused', async () => {
  await fc.assert(
    fc.asyncProperty(text, async (title) => {
      const created = await orRefused(task.create({ title }));
      const stored = created && (await task.get({ id: created.id }));
      const mustBeStored = isStorable(title) && hasLetter(title) && hasAtMost(500, title.trim());
      expect([null, title.trim()].slice(mustBeStored ? 1 : 0)).toContain(created && created.title);
      expect(stored).toEqual(created);
    }),
    { numRuns: 400 },
  );
});

test('any description is returned unchanged, or refused', async () => {
  const { id } = await task.create({ title: 'x' });
  await fc.assert(
    fc.asyncProperty(text, async (description) => {
      const before = await task.get({ id });
      const updated = await orRefused(task.update({ id, description }));
      const isAccepted = isStorable(description) && hasAtMost(10_000, description);
      expect(updated !== null).toBe(isAccepted);
      expect(await task.get({ id })).toEqual(updated ?? before);
      expect((updated ?? { description }).description).toBe(description);
    }),
    { numRuns: 400 },
  );
});

test('a returned title is accepted again and is the same title', async () => {
  await fc.assert(
    fc.asyncProperty(
      text.map((value) => `x${value}`),
      async (title) => {
        const id = randomUUID();
        const created = await orRefused(task.create({ id, title }));
        expect(created && (await task.create({ id, title: created.title }))).toEqual(created);
      },
    ),
    { numRuns: 100 },
  );
});

test.each(Array.from(spaces).map((space) => [`U+${space.codePointAt(0)!.toString(16).padStart(4, '0')}`, space]))(
  'a title of only %s is refused or returned unchanged',
  async (_, space) => {
    const created = await orRefused(task.create({ title: space.repeat(3) }));
    expect(created?.title).toBe(created === null ? undefined : space.repeat(3));
    expect((await task.create({ title: `${space}x${space}` })).title).toBe(`${space}x${space}`.trim());
  },
);

test('text passes unchanged over HTTP, in a query and in a mutation', async () => {
  for (const value of awkward.filter(isStorable)) {
    const { data } = await call(caller, 'task.create', { title: `x${value}x`, description: value });
    expect(data).toMatchObject({ title: `x${value}x`, description: value });
    const { id } = data as { id: string };
    expect((await call(caller, 'task.get', { id })).data).toEqual(data);
  }
});

test('every procedure refuses a random string as id', async () => {
  const garbage = fc.oneof(text, fc.string(), fc.constant(`${randomUUID()}\n`), fc.constant(` ${randomUUID()}`));
  await fc.assert(
    fc.asyncProperty(garbage, async (id) => {
      for (const refused of [
        task.get({ id }),
        task.update({ id }),
        task.delete({ id }),
        task.create({ id, title: 'x' }),
      ]) {
        expect(await orRefused(refused)).toBeNull();
      }
    }),
    { numRuns: 200 },
  );
});

test('a list refuses a random string as cursor', async () => {
  const sealed = fc.uint8Array({ minLength: 40, maxLength: 40 });
  const garbage = fc.oneof(
    text,
    fc.base64String(),
    sealed.map((forged) => Buffer.from(forged).toString('base64url')),
  );
  await fc.assert(
    fc.asyncProperty(garbage, async (cursor) => {
      expect(await orRefused(task.list({ cursor }))).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test('a list refuses a cursor with one changed character', async () => {
  await task.create({ title: 'another' });
  const cursor = (await task.list({ limit: 1 })).nextCursor!;
  await fc.assert(
    fc.asyncProperty(
      fc.nat(cursor.length - 1),
      fc.base64String({ minLength: 4, maxLength: 4 }),
      async (at, [character]) => {
        fc.pre(character !== cursor[at]);
        expect(
          await orRefused(task.list({ cursor: cursor.slice(0, at) + character + cursor.slice(at + 1) })),
        ).toBeNull();
      },
    ),
    { numRuns: 200 },
  );
});

test('every procedure responds to any JSON input with 200 or 400', async () => {
  const field = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    text.filter((value) => value.length < 50),
  );
  const key = fc.constantFrom(
    'id',
    'title',
    'description',
    'completed',
    'ifVersion',
    'limit',
    'cursor',
    'order',
    '__proto__',
  );
  const input = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.dictionary(key, field));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(procedures)), input, async (path, input) => {
      const { status } = await call(caller, path, input);
      expect([200, 400]).toContain(status);
    }),
    { numRuns: 500 },
  );
});
