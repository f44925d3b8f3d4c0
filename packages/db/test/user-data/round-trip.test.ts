import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { importData, type ImportedTask, listTasks, type UserScope } from '../../src/index.ts';
import { apply, write } from '../changes/any-writes.ts';
import { asTools, openFixture } from '../fixture.ts';
import { exportAll, importAll } from './fixture.ts';

const { db, sql } = await openFixture();

/** Removes all lists and tasks of a user with their log, as if the user were new. */
async function wipe({ userId }: UserScope): Promise<void> {
  for (const table of ['tasks', 'lists', 'changes']) {
    await asTools(sql, `delete from ${table} where user_id = $1`, [userId]);
  }
}

async function readLog({ userId }: UserScope): Promise<unknown[]> {
  const { rows } = await asTools(sql, 'select * from changes where user_id = $1 order by revision', [userId]);
  return rows;
}

const time = fc
  .date({ min: new Date('2001-01-01'), max: new Date('2026-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const text = fc.string({ minLength: 1, maxLength: 40 }).map((value) => `x${value.replaceAll('\0', '')}`);

const anyTask: fc.Arbitrary<ImportedTask> = fc
  .record({
    title: text,
    description: fc.option(text),
    priority: fc.constantFrom(0, 1, 2, 3),
    labels: fc.uniqueArray(text, { maxLength: 3, selector: (label) => label.toLowerCase() }),
    due: fc.constantFrom(
      null,
      { date: '2026-02-28' },
      { date: '2026-02-28', time: '09:05' },
      { date: '2026-02-28', time: '23:59', timeZone: 'Asia/Tokyo' },
    ),
    position: fc.constantFrom('a0', 'a0V', 'Zz', 'h00000000'),
    version: fc.integer({ min: 1, max: 1_000 }),
    times: fc.uniqueArray(time, { minLength: 4, maxLength: 4 }).map((times) => times.sort()),
    completed: fc.boolean(),
    isDeleted: fc.boolean(),
  })
  .map(({ times, isDeleted, ...task }) =>
    Object.assign(task, {
      id: randomUUID(),
      createdAt: times[0]!,
      completedAt: task.completed ? times[1]! : null,
      updatedAt: times[2]!,
      deletedAt: isDeleted ? times[3]! : null,
    }),
  );

const data = fc.record({
  writes: fc.array(write, { minLength: 5, maxLength: 40 }),
  tasks: fc.array(anyTask, { maxLength: 10 }),
  maxBytes: fc.constantFrom(1, 3_000, undefined),
});

test('export, wipe and import give identical lists and tasks, and a second import changes and logs nothing', async () => {
  await fc.assert(
    fc.asyncProperty(data, async ({ writes, tasks, maxBytes }) => {
      const scope = db.asUser(randomUUID());
      for (const one of writes) await apply({ sql, scope }, one);
      await importData(scope, { lists: [], tasks });
      const before = await exportAll(scope, maxBytes);
      const order = await listTasks(scope, { limit: 200, order: 'position' });
      const count = before.lists.length + before.tasks.length;

      await wipe(scope);
      expect(await importAll(scope, before)).toEqual({ created: count, unchanged: 0, conflicts: [] });
      expect(await exportAll(scope)).toEqual(before);
      expect((await listTasks(scope, { limit: 200, order: 'position' })).items).toEqual(order.items);

      const log = await readLog(scope);
      expect(await importAll(scope, before)).toEqual({ created: 0, unchanged: count, conflicts: [] });
      expect(await readLog(scope)).toEqual(log);
      expect(await exportAll(scope)).toEqual(before);
    }),
    { numRuns: 25 },
  );
});
