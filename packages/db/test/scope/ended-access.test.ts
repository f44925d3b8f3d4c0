import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { expect, test } from 'vitest';
import {
  addSigningKey,
  claimIssuer,
  findSigningKey,
  migrate,
  openAuthStore,
  readEndedAccess,
} from '../../src/index.ts';
import { migrateWithin } from '../../src/schema/migrate.ts';
import { inLock } from '../../src/schema/migration-lock.ts';
import { migrations } from '../../src/schema/migrations/index.ts';
import { openOrm } from '../../src/schema/orm.ts';
import { asTools, atEnd, connect, openBareDatabase } from '../fixture.ts';

async function openStore(options: { empty?: boolean } = {}) {
  const { url } = await openBareDatabase(options);
  const store = openAuthStore({ url });
  atEnd(() => store.close());
  return { url, store, sql: await connect(url) };
}

const { store, sql, url } = await openStore();

async function createSession(expires = "now() + interval '1 day'"): Promise<{ id: string; userId: string }> {
  const [id, userId] = [randomUUID(), randomUUID()];
  await sql.query(
    `insert into auth."user" (id, name, email, "emailVerified") values ($1, 'Ada', $1::uuid || '@example.org', false)`,
    [userId],
  );
  await sql.query(
    `insert into auth.session (id, "expiresAt", token, "updatedAt", "userId") values ($1, ${expires}, $1::uuid, now(), $2)`,
    [id, userId],
  );
  return { id, userId };
}

const readEnded = async () => (await readEndedAccess(store, '0')).sessionIds;

test.for([
  ['deletes it', 'delete from auth.session where id = $1'],
  ['lets it expire', `update auth.session set "expiresAt" = now() where id = $1`],
  ['deletes its account', 'delete from auth."user" where id = (select "userId" from auth.session where id = $1)'],
])('SQL that %s ends a session for all servers', async ([, statement]) => {
  const { id } = await createSession();
  expect(await readEnded()).not.toContain(id);
  await sql.query(statement!, [id]);
  expect(await readEnded()).toContain(id);
});

test('truncating the sessions ends all of them', async () => {
  const { id } = await createSession();
  await sql.query('truncate auth.session');
  expect(await readEnded()).toContain(id);
});

test('a session is not ended by its renewal, and one that expired long ago needs no mark', async () => {
  const renewed = await createSession();
  await sql.query(`update auth.session set "expiresAt" = now() + interval '7 days' where id = $1`, [renewed.id]);
  const old = await createSession("now() - interval '1 hour'");
  await sql.query('delete from auth.session where id = $1', [old.id]);
  expect(await readEnded()).not.toContain(renewed.id);
  expect(await readEnded()).not.toContain(old.id);
});

test('a session whose end is committed late is found by the next read', async () => {
  const [slow, quick] = [await createSession(), await createSession()];
  const other = await connect(url);
  await other.query('begin');
  await other.query('delete from auth.session where id = $1', [slow.id]);
  await sql.query('delete from auth.session where id = $1', [quick.id]);
  const first = await readEndedAccess(store, '0');
  expect(first.sessionIds).toContain(quick.id);
  expect(first.sessionIds).not.toContain(slow.id);
  await other.query('commit');
  expect((await readEndedAccess(store, first.position)).sessionIds).toContain(slow.id);
});

test('a read after the position of the last read does not repeat old sessions', async () => {
  const { id } = await createSession();
  await sql.query('delete from auth.session where id = $1', [id]);
  // The position is before the oldest transaction that runs on the server, in any database.
  const readAgain = async () => {
    const { position } = await readEndedAccess(store, '0');
    await sql.query('select pg_current_xact_id()');
    return (await readEndedAccess(store, position)).sessionIds;
  };
  await expect.poll(readAgain).not.toContain(id);
});

test('of 20 callers that add a signing key at once, all get the same key', async () => {
  const second = openAuthStore({ url });
  atEnd(() => second.close());
  expect(await findSigningKey(store)).toBeUndefined();
  const added = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      addSigningKey(at % 2 ? store : second, { publicKey: `public ${at}`, privateKey: 'private' }),
    ),
  );
  expect(new Set(added.map(({ id }) => id)).size).toBe(1);
  expect(added[0]).toEqual(await findSigningKey(store));
  expect((await sql.query('select from auth.jwks')).rowCount).toBe(1);
});

test('of several issuers that claim a new database at once, one is recorded', async () => {
  const { store: fresh } = await openStore();
  const claims = ['https://a.example.org', 'https://b.example.org', 'built-in'].map((issuer) =>
    claimIssuer(fresh, { issuer, usesUuids: issuer === 'built-in' }),
  );
  const recorded = new Set((await Promise.all(claims)).map(({ issuer }) => issuer));
  expect(recorded.size).toBe(1);
});

const issuer = 'https://issuer.example.org';
const uuidUser = '0190a000-0000-7000-8000-00000000000a';
const derivedUser = '0190a000-0000-5000-8000-00000000000b';

const endedAccess = '0006-ended-access';

/** A database of version 0.1 that `prepare` changes, migrated to this version. */
async function openFormer(prepare: (sql: Client) => Promise<unknown>) {
  const { url: formerUrl, store: former, sql: formerSql } = await openStore({ empty: true });
  const orm = openOrm(formerUrl, { poolMax: 2 });
  const names = migrations.map(({ name }) => name).filter((name) => name < endedAccess);
  await inLock(orm, (em) => migrateWithin(orm, em, names));
  await orm.close();
  await prepare(formerSql);
  expect(await migrate({ url: formerUrl })).toContain(endedAccess);
  return { former, formerSql };
}

const insertUsers = (ids: string[]) => (client: Client) =>
  asTools(client, 'insert into users (id) select unnest($1::uuid[])', [ids]);

test('a database of version 0.1 whose users have the UUIDs of their issuer continues to use them', async () => {
  const { former } = await openFormer(insertUsers([uuidUser, derivedUser]));
  expect(await claimIssuer(former, { issuer, usesUuids: false })).toEqual({ issuer, subjects: 'mixed' });
  expect(await claimIssuer(former, { issuer, usesUuids: true })).toEqual({ issuer, subjects: 'uuids' });
  expect(await claimIssuer(former, { issuer: 'other', usesUuids: true })).toEqual({ issuer, subjects: 'uuids' });
});

test('a database of version 0.1 whose users have derived IDs continues to derive them', async () => {
  const { former } = await openFormer(insertUsers([derivedUser]));
  expect(await claimIssuer(former, { issuer, usesUuids: false })).toEqual({ issuer, subjects: 'derived' });
});

test('the migration that adds tables of the sign-in gives them to logins that may use its other tables', async () => {
  const role = `server_${randomUUID().slice(0, 8)}`;
  const { formerSql } = await openFormer(async (client) => {
    await client.query(`create role ${role}`);
    atEnd(() => client.query(`revoke all on all tables in schema auth from ${role}; drop role ${role}`));
    await client.query(`grant select, insert, update, delete on all tables in schema auth to ${role}`);
  });
  const { rows } = await formerSql.query(
    `select distinct table_name from information_schema.role_table_grants where grantee = $1 and privilege_type = 'DELETE'`,
    [role],
  );
  const names = rows.map(({ table_name: name }) => name);
  for (const table of ['ended_sessions', 'erased_users', 'issuer']) expect(names).toContain(table);
});
