import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createUser, nextMillisecond, openFixture } from '../fixture.ts';

const { as } = await openFixture();
const { task } = as(createUser());

// A few frequent values, so that an update often sets the stored value.
const title = fc.oneof(
  fc.constantFrom('a', 'b'),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => `x${text}x`),
);
const description = fc.oneof(fc.constantFrom(null, '', 'a'), fc.string({ unit: 'grapheme', maxLength: 20 }));
const content = { title, description, completed: fc.boolean() };

test('an update sets the given fields, leaves all others, and increases the version only if a value differs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.record(content), fc.record(content, { requiredKeys: [] }), async (start, change) => {
      const before = await task.create(start);
      await nextMillisecond();
      const after = await task.update({ id: before.id, ...change });

      const differs = Object.entries(change).some(([key, value]) => value !== start[key as keyof typeof start]);
      const isCompletedNow = after.completed && !before.completed;
      expect(after).toEqual({
        ...before,
        ...change,
        completedAt: after.completed ? (isCompletedNow ? after.updatedAt : before.completedAt) : null,
        updatedAt: differs ? after.updatedAt : before.updatedAt,
        version: differs ? 2 : 1,
      });
      expect(after.updatedAt > before.updatedAt).toBe(differs);
      expect(await task.get({ id: before.id })).toEqual(after);
    }),
    { numRuns: 150 },
  );
});

test('after any number of updates, each field has the value of its last update', async () => {
  const changes = fc.array(fc.record(content, { requiredKeys: [] }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.record(content), changes, async (start, changes) => {
      const { id } = await task.create(start);
      for (const change of changes) await task.update({ id, ...change });
      expect(await task.get({ id })).toMatchObject(Object.assign({ ...start }, ...changes) as object);
    }),
    { numRuns: 50 },
  );
});
