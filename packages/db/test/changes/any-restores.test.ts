import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { asTools, openFixture } from '../fixture.ts';
import { apply, page, type PageLimits, write } from './any-writes.ts';
import { Follower, readContents } from './follower.ts';

const { db, sql } = await openFixture();

/** In the order of their foreign keys. */
const tables = ['lists', 'tasks', 'changes'];
/** All columns but the generated ones, as SQL. */
const columns = new Map<string, string>();
for (const table of tables) {
  const { rows } = await sql.query<{ names: string }>(
    `select string_agg(quote_ident(attname), ', ') as names from pg_attribute
    where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  );
  columns.set(table, rows[0]!.names);
  await sql.query(`create table copy_of_${table} as select ${rows[0]!.names} from ${table} with no data`);
  await sql.query(`grant all on copy_of_${table} to public`);
  // A restore does not write as other programs do.
  await sql.query(`alter table ${table} disable trigger user`);
}

async function move(userId: string, from: (table: string) => string, to: (table: string) => string): Promise<void> {
  const deleted = tables.toReversed().map((table) => `delete from ${to(table)} where user_id = '${userId}'`);
  const inserted = tables.map(
    (table) =>
      `insert into ${to(table)} (${columns.get(table)})
      select ${columns.get(table)} from ${from(table)} where user_id = '${userId}'`,
  );
  await asTools(sql, [...deleted, ...inserted].join('; '));
}

const toCopy = (table: string) => `copy_of_${table}`;
const toTable = (table: string) => table;

async function restore(userId: string): Promise<void> {
  await move(userId, toCopy, toTable);
  await asTools(
    sql,
    `update users set revision = coalesce((select max(revision) from changes where user_id = $1), 0) where id = $1`,
    [userId],
  );
}

test('a follower with any limits, and with restores between any writes and pages, ends with what the tables contain', async () => {
  const step = fc.oneof(write, page);
  const toSteps = (maxLength: number) => fc.array(step, { minLength: 1, maxLength });
  const history = fc.record({ kept: toSteps(15), lost: toSteps(8) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(write, { minLength: 10 }),
      fc.array(history, { maxLength: 3 }),
      async (first, histories) => {
        const scope = db.asUser(randomUUID());
        const follower = new Follower();
        const run = async (steps: ([string, number] | PageLimits)[]) => {
          for (const each of steps) {
            if (Array.isArray(each)) await apply({ sql, scope }, each);
            else if (!(await follower.read(scope, each)).hasMore) {
              expect(follower.contents).toEqual(await readContents(sql, scope.userId));
            }
          }
        };
        await run(first);
        for (const { kept, lost } of histories) {
          await run(kept);
          await move(scope.userId, toTable, toCopy);
          await run(lost);
          await restore(scope.userId);
        }
        await follower.catchUp(scope);
        expect(follower.contents).toEqual(await readContents(sql, scope.userId));
      },
    ),
    { numRuns: 60 },
  );
});
