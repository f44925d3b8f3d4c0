import type { EntityManager } from '@mikro-orm/postgresql';
import { expect, test } from 'vitest';
import { applyMigrations } from '../../src/schema/migrate.ts';
import { inShortLocks } from '../../src/schema/migration-lock.ts';
import { migrations } from '../../src/schema/migrations/index.ts';
import { openOrm } from '../../src/schema/orm.ts';
import { alice, asTools, atEnd } from '../fixture.ts';
import { openFormer, planning } from './former.ts';

interface Table {
  name: string;
  file: string;
}

const tablesSql = `
select pg_class.oid::regclass::text as name, pg_relation_filenode(pg_class.oid)::text as file
from pg_class where relkind = 'r' and relnamespace in ('public'::regnamespace, 'auth'::regnamespace)
  and relname not in ('holdfast_migrations', 'rate_limits')
order by 1`;

/** A complete scan is also that of an index build, of a validated constraint, and of `set not null`. */
const countsSql = `
select relid::regclass::text as name, (seq_scan + n_tup_upd + n_tup_del)::int as count from pg_stat_xact_user_tables`;

async function readCounts(em: EntityManager): Promise<Map<string, number>> {
  const rows = await em.execute<{ name: string; count: number }[]>(countsSql);
  return new Map(rows.map(({ name, count }) => [name, count]));
}

/** Returns the tables that a migration finds and then reads or writes completely, in the transaction that locks them. */
async function findHeavyWork(work: (em: EntityManager) => Promise<void>, em: EntityManager): Promise<string[]> {
  const before = await em.execute<Table[]>(tablesSql);
  // PostgreSQL adds the counts of transactions that ended in the last second.
  const counts = await readCounts(em);
  await work(em);
  const files = new Map((await em.execute<Table[]>(tablesSql)).map(({ name, file }) => [name, file]));
  const newCounts = await readCounts(em);
  const isHeavy = ({ name, file }: Table) => files.get(name) !== file || newCounts.get(name) !== counts.get(name);
  return before.filter(isHeavy).map(({ name }) => name);
}

const { url, sql } = await openFormer();
const orm = openOrm(url);
atEnd(() => orm.close());
const check = (work: (em: EntityManager) => Promise<void>) => inShortLocks(orm, (em) => findHeavyWork(work, em));
const apply = (name: string) => check((em) => applyMigrations(orm, em, { names: [name], isInUse: true }));

test('no migration after 0007-planning reads or writes a complete table of its predecessors in its transaction', async () => {
  await asTools(sql, `insert into users (id, email) values ($1, 'alice@example.org')`, [alice]);
  await asTools(sql, `insert into tasks (user_id, id, title) values ($1, gen_random_uuid(), 'former')`, [alice]);
  // The check finds the migration that has made this rule necessary.
  expect(await apply(planning)).toEqual(['tasks', 'users']);
  await asTools(sql, `insert into lists (user_id, id, name) values ($1, gen_random_uuid(), 'former')`, [alice]);
  const later = migrations.map(({ name }) => name).filter((name) => name > planning);
  expect(later.length).toBeGreaterThan(3);
  for (const name of later) expect(await apply(name), name).toEqual([]);
});

test.each([
  ['adds a column with another value in each row', 'alter table tasks add column mark uuid default gen_random_uuid()'],
  ['adds a constraint with its validation', `alter table tasks add constraint mark check (title <> '')`],
  ['creates an index', 'create index mark on tasks (user_id, title)'],
  ['requires values in a column', 'alter table users alter column email set not null'],
  ['updates rows', 'update changes set at = at'],
])('the check of heavy migrations finds one that %s', async (_, statement) => {
  expect(await check(async (em) => void (await em.execute(statement)))).toHaveLength(1);
});
