import * as fc from 'fast-check';
import type { Client } from 'pg';
import { expect, test } from 'vitest';
import { type Database, listChanges } from '../../src/index.ts';
import { asTools, connect, openFixture } from '../fixture.ts';
import { type Plan, plans, toCrossing, users } from './plan.ts';
import { openSession, type Rewrite, settle } from './sessions.ts';

// Sessions of operations, tools, SQL and the previous version run in random turns. Their transactions commit, roll back or lose
// their connection at any point. After every turn, a follower of the feed must have exactly the committed rows.

const unchanged: Rewrite = (step) => step;

type Rows = Record<string, string>;

function createFollower(db: Database, user: string) {
  const rows = new Map<string, string>();
  let since: string | undefined;
  return {
    user,
    rows,
    async follow(): Promise<void> {
      for (let hasMore = true; hasMore;) {
        const page = await listChanges(db.asUser(user), { since, limit: 3 });
        if (page.isReset) throw new Error('The feed has forgotten its cursor.');
        for (const { id, title, deletedAt } of page.tasks) rows.set(id, `${title} ${deletedAt === null}`);
        for (const { id, name } of page.lists) rows.set(`list ${id}`, name);
        for (const { kind, id } of page.removed) rows.delete(kind === 'task' ? id : `list ${id}`);
        since = page.cursor ?? undefined;
        hasMore = page.hasMore;
      }
    },
  };
}

async function readRows(sql: Client, user: string): Promise<Rows> {
  const { rows } = await asTools(
    sql,
    `select id::text as key, title || ' ' || (deleted_at is null)::text as value from tasks where user_id = $1
    union all select 'list ' || id, name from lists where user_id = $1 and deleted_at is null`,
    [user],
  );
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

interface Variant {
  rewrite: Rewrite;
  /** Changes the database. */
  ddl: string;
  onFailure?: (code: string) => void;
}

async function openModel({ rewrite, ddl, onFailure = () => {} }: Variant) {
  const { db, sql, url } = await openFixture();
  const control = await connect(url);
  await sql.query(ddl);
  return async (plan: Plan): Promise<void> => {
    await sql.query('truncate users cascade');
    await asTools(sql, 'insert into users (id) select unnest($1::uuid[])', [users]);
    const followers = users.map((user) => createFollower(db, user));
    const sessions = await Promise.all(
      plan.sessions.map((transactions) => openSession(url, transactions, { control, rewrite, onFailure })),
    );
    const compare = async () => {
      for (const { user, follow, rows } of followers) {
        let before: Rows;
        let after = await readRows(sql, user);
        // A session that waited for a lock may continue, and commit meanwhile.
        do {
          before = after;
          await follow();
          after = await readRows(sql, user);
        } while (JSON.stringify(before) !== JSON.stringify(after));
        expect(Object.fromEntries(rows)).toEqual(after);
      }
    };
    const turn = async (session: (typeof sessions)[number]) => {
      session.advance();
      await settle(sessions, control);
      await compare();
    };
    try {
      for (const at of plan.order) await turn(sessions[at % sessions.length]!);
      while (sessions.some(({ isDone }) => !isDone)) for (const session of sessions) await turn(session);
    } finally {
      await Promise.all(sessions.map((session) => session.close()));
    }
  };
}

/** The first session takes its revision, then the second one commits, and the first one last. */
const firstTakesRevision = [0, 0, 1, 1, 1, 1, 1, 0, 0, 0];
/** The first session begins, then the second one commits, and the first one last. */
const firstBegins = [0, 1, 1, 1, 1, 1, 0, 0, 0, 0];

test('after every step of interleaved, failed and killed transactions, a follower of the feed has the committed rows', async () => {
  const failures = new Set<string>();
  const run = await openModel({ rewrite: unchanged, ddl: '', onFailure: (code) => failures.add(code) });
  for (const order of [firstTakesRevision, firstBegins]) await run(toCrossing(order));
  const checking = fc.assert(fc.asyncProperty(plans, run), { numRuns: 50, endOnFailure: true });
  await expect(checking).resolves.toBeUndefined();
  // Only deadlocks end a transaction before its plan does.
  failures.delete('40P01');
  expect([...failures]).toEqual([]);
});

/** Statements read the revision of the transaction instead of that of the user, so that they work without the lock. */
const readsUser =
  /"public"\."users"\."revision"|\(select "?revision"? from "?public"?\."?users"? where "?id"? = \$\d+(?:::uuid)?\)/g;

const functionSql = (take: string) => `
create or replace function public.holdfast_log(owner uuid, changed_tasks uuid[], changed_lists uuid[]) returns void
language plpgsql security definer as $$
declare caller text := current_setting('app.user_id', true); taken bigint;
begin
  perform set_config('app.user_id', owner::text, true);
  ${take};
  insert into public.changes (user_id, revision, at, task_ids, list_ids) values (owner, taken, now(), changed_tasks, changed_lists);
  perform set_config('app.user_id', coalesce(caller, ''), true);
end $$`;

test.each([
  [
    'without the lock on the user, with a sequence as the counter',
    ({ text, values }) =>
      text.startsWith('insert into "public"."users"') && !text.includes('"tasks"')
        ? { text: `select set_config('model.revision', nextval('model_revision')::text, true)`, values: [] }
        : { text: text.replaceAll(readsUser, `current_setting('model.revision')::bigint`), values },
    `create sequence model_revision; grant usage on model_revision to holdfast_app;
    ${functionSql(`taken := nextval('model_revision')`)}`,
    firstTakesRevision,
  ],
  [
    'without the order of the counter, with the start of the transaction as the revision',
    ({ text, values }) =>
      text.startsWith('insert into "public"."users"') && !text.includes('"tasks"')
        ? {
            text: `update users set revision = extract(epoch from now()) * 1000000 where id = $1`,
            values: values.slice(0, 1),
          }
        : { text, values },
    functionSql(
      `update public.users set revision = extract(epoch from now()) * 1000000 where id = owner returning revision into taken`,
    ),
    firstBegins,
  ],
] as [string, Rewrite, string, number[]][])(
  '%s, the same model finds a lost change',
  async (_, rewrite, ddl, order) => {
    const run = await openModel({ rewrite, ddl });
    const lost = /toEqual|to deeply equal/;
    await expect(run(toCrossing(order))).rejects.toThrow(lost);
    const result = await fc.check(fc.asyncProperty(plans, run), { numRuns: 100, endOnFailure: true });
    expect(result.failed).toBe(true);
    expect(String(result.errorInstance)).toMatch(lost);
  },
);
