import type { Client } from 'pg';
import { expect, test } from 'vitest';
import { type MaintenanceResult, runMaintenance } from '../../src/index.ts';
import { connect, openBareDatabase } from '../fixture.ts';

const { url } = await openBareDatabase();
const sql = await connect(url);
const run = (options: { batchMax?: number; signal?: AbortSignal } = {}) =>
  runMaintenance({ url, trashDays: 30, signal: new AbortController().signal, ...options });

/** Inserts rows of every kind. The age of each is its number and a half in hours. */
async function fill(client: Client, ages: { from: number; to: number }): Promise<void> {
  const { from, to } = ages;
  const old = `now() - (at + 0.5) * interval '1 hour'`;
  const rows = `generate_series(${from}, ${to}) as at`;
  await client.query(`
    insert into auth."user" (id, name, email, "emailVerified")
      values ('0190a000-0000-7000-8000-00000000000a', 'Ada', 'ada@example.org', false) on conflict do nothing;
    insert into auth.session ("expiresAt", token, "updatedAt", "userId")
      select ${old}, gen_random_uuid(), now(), '0190a000-0000-7000-8000-00000000000a' from ${rows};
    insert into auth.api_tokens (user_id, name, scope, hash, expires_at)
      select '0190a000-0000-7000-8000-00000000000a', 'Script', 'read', lpad(at::text, 43), ${old} from ${rows};
    insert into auth.verification (identifier, value, "expiresAt") select 'x', 'y', ${old} from ${rows};
    insert into auth.rate_limits (key, points, expire)
      select gen_random_uuid(), 1, extract(epoch from ${old}) * 1000 from ${rows};
    insert into auth.ended_sessions (id, ended_at) select gen_random_uuid(), ${old} from ${rows};
    insert into auth.erased_users (id, erased_at) select gen_random_uuid(), ${old} from ${rows}`);
}

async function count(): Promise<Record<string, number>> {
  const tables = ['session', 'api_tokens', 'verification', 'rate_limits', 'ended_sessions', 'erased_users'];
  const counts = tables.map((table) => `(select count(*)::int from auth.${table}) as ${table}`);
  return (await sql.query(`select ${counts.join(', ')}`)).rows[0];
}

const clear = () =>
  sql.query(`truncate auth."user", auth.session, auth.api_tokens, auth.verification, auth.rate_limits, auth.account, auth.two_factors;
    truncate auth.ended_sessions, auth.erased_users`);

const toObject = (result: MaintenanceResult) => (result === 'busy' ? result : Object.fromEntries(result));

test('maintenance removes rows that have lost their purpose, in batches, and leaves all others', async () => {
  await clear();
  await fill(sql, { from: -10, to: 2399 });
  expect(toObject(await run({ batchMax: 1000 }))).toMatchObject({
    sessions: 2376,
    tokens: 1680,
    verifications: 2376,
    'rate limits': 2399,
    'ended sessions': 2399,
    'erased users': 240,
  });
  expect(await count()).toEqual({
    session: 34,
    api_tokens: 730,
    verification: 34,
    rate_limits: 11,
    ended_sessions: 11,
    erased_users: 2170,
  });
  expect(toObject(await run())).toMatchObject({ sessions: 0, 'erased users': 0 });
});

test('the mark of an erased user stays as long as the account can sign in', async () => {
  await clear();
  await sql.query(`insert into auth."user" (id, name, email, "emailVerified")
    values ('0190a000-0000-7000-8000-00000000000a', 'Ada', 'ada@example.org', false);
    insert into auth.erased_users values ('0190a000-0000-7000-8000-00000000000a', '2020-01-01')`);
  await run();
  expect(await count()).toMatchObject({ erased_users: 1 });
});

test('maintenance neither waits for a row that a request has locked nor blocks requests', async () => {
  await clear();
  await fill(sql, { from: 100, to: 109 });
  const request = await connect(url);
  await request.query('begin');
  await request.query(`select from auth.session order by "expiresAt" limit 1 for update`);
  expect(toObject(await run())).toMatchObject({ sessions: 9, verifications: 10 });
  await request.query('rollback');
});

test('while one server does maintenance, another one leaves it alone', async () => {
  await clear();
  await fill(sql, { from: 100, to: 109 });
  const other = await connect(url);
  await other.query('begin');
  await other.query('select pg_advisory_xact_lock(7203415120)');
  expect(await run()).toBe('busy');
  expect(await count()).toMatchObject({ session: 10 });
  await other.query('commit');
});

test('maintenance that is aborted stops before its next batch', async () => {
  await clear();
  await fill(sql, { from: 100, to: 109 });
  expect(toObject(await run({ signal: AbortSignal.abort() }))).toEqual({});
  expect(await count()).toMatchObject({ session: 10 });
});
