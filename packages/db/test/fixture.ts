import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, expect, inject, onTestFinished } from 'vitest';
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type Text,
  type TextRow,
  type UserScope,
} from '../src/index.ts';
import { openTestDatabase, type TestDatabase } from '../src/testing/index.ts';

export const alice = '0190a000-0000-7000-8000-00000000000a';
export const bob = '0190a000-0000-7000-8000-00000000000b';

/** A migrated database for one test file, open as the product opens it. */
export async function openFixture(
  options: Partial<DatabaseOptions> = {},
): Promise<{ db: Database; url: string; sql: Client }> {
  const { url } = await openBareDatabase();
  const db = await openDatabase({ url, ...options });
  const sql = await connect(url);
  atEnd(() => db.close());
  return { db, url, sql };
}

/** A database of the test file's own, dropped at its end; empty where nothing shall be migrated yet. */
export async function openBareDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const database = await openTestDatabase(inject('testServer'), options);
  atEnd(() => database.drop());
  return database;
}

/** A connection of the tests' own, around the product. */
export async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // The database is dropped under connections that are still open.
  client.on('error', () => {});
  await client.connect();
  atEnd(() => client.end());
  return client;
}

/** Runs SQL as a role that row level security does not hide rows from, in a transaction of its own. */
export async function asTools(sql: Client, text: string, values: unknown[] = []) {
  await sql.query('begin');
  try {
    await sql.query('set local role holdfast_tools');
    const result = await sql.query(text, values);
    await sql.query('commit');
    return result;
  } catch (error) {
    await sql.query('rollback');
    throw error;
  }
}

/** Closes at the end of the test that is running, or of the file where none is; the last opened is the first closed. */
export function atEnd(close: () => Promise<unknown>): void {
  if (expect.getState().currentTestName === undefined) afterAll(close);
  else onTestFinished(async () => void (await close()));
}

/** Runs SQL of the test's own in a user's scope, as the product's statements run. */
export function ask(scope: UserScope, text: string, values: Text[] = []): Promise<TextRow[]> {
  const name = `test_${createHash('sha1').update(text).digest('hex')}`;
  return scope.run({ name, preparedName: name, text, isRead: false, isRepeatable: false, toValues: () => values }, {});
}
