import { openAuthStore } from '@holdfast/db';
import { afterAll, expect, test } from 'vitest';
import { openDatabaseUrl, openServer } from '../fixture.ts';

const databaseUrl = await openDatabaseUrl();
const store = openAuthStore({ url: databaseUrl });
afterAll(() => store.close());

const start = (issuer: string | null, more: Record<string, string> = {}) =>
  openServer({
    DATABASE_URL: databaseUrl,
    ...(issuer !== null && { AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'x', AUTH_JWKS_URL: 'https://keys.example.org/' }),
    ...more,
  });

const first = 'https://one.example.org';
const uuids = { AUTH_ISSUER_USES_UUIDS: 'true' };

test('a database with the users of one issuer refuses another one until its operator removes the record', async () => {
  const server = await start(first);
  await server.shutdown.close();
  const refusal = `This database contains the users of the issuer "${first}". Use that issuer, or follow "Another issuer" in docs/operations.md.`;
  await expect(start('https://two.example.org')).rejects.toThrow(refusal);
  await expect(start(null)).rejects.toThrow(refusal);
  await (await start(first)).shutdown.close();

  await store.kysely.deleteFrom('issuer').execute();
  await (await start(null)).shutdown.close();
  await expect(start(first)).rejects.toThrow('This database contains the users of the built-in sign-in.');
});

test('a changed declaration about UUIDs, which would change all user IDs, is refused', async () => {
  await store.kysely.deleteFrom('issuer').execute();
  await (await start(first)).shutdown.close();
  await expect(start(first, uuids)).rejects.toThrow('The user IDs in this database are derived.');
  await store.kysely.deleteFrom('issuer').execute();
  await (await start(first, uuids)).shutdown.close();
  await expect(start(first)).rejects.toThrow("The user IDs in this database are the issuer's.");
});

test('a database of version 0.1 with UUIDs of its issuer continues to work, and the log asks for the declaration', async () => {
  await store.kysely.deleteFrom('issuer').execute();
  await store.kysely.insertInto('issuer').values({ issuer: null, subjects: 'mixed' }).execute();
  const server = await start(first);
  expect(server.log.map(({ msg }) => msg)).toContain(
    'some user IDs are UUIDs of the issuer: set AUTH_ISSUER_USES_UUIDS',
  );
  await server.shutdown.close();
  await (await start(first, uuids)).shutdown.close();
});
