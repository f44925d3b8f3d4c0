import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, inject, onTestFinished, TestRunner } from 'vitest';
import { type Database, type DatabaseOptions, openDatabase, type UserScope } from '../src/index.ts';
import type { Text, TextRow } from '../src/scope/prepared-statement.ts';
import { internalsOf } from '../src/scope/user-scope.ts';
import { openFaultProxy, openTestDatabase, type TestDatabase } from '../src/testing/index.ts';

export const alice = '0190a000-0000-7000-8000-00000000000a';
export const bob = '0190a000-0000-7000-8000-00000000000b';

/** Opens a migrated database for one test file. */
export async function openFixture(
  options: Partial<DatabaseOptions> = {},
): Promise<{ db: Database; url: string; sql: Client }> {
  const { url } = await openBareDatabase();
  const db = await openDatabase({ url, ...options });
  const sql = await connect(url);
  atEnd(() => db.close());
  return { db, url, sql };
}

/** Creates a database for the test file and drops it at the end. With `empty`, it is not migrated. */
export async function openBareDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const database = await openTestDatabase(inject('testServer'), options);
  atEnd(() => database.drop());
  return database;
}

/** A direct connection, outside of Holdfast. */
export async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // The database is dropped while connections are open.
  client.on('error', () => {});
  await client.connect();
  atEnd(() => client.end());
  return client;
}

/** Runs SQL in a separate transaction as holdfast_tools, which sees all rows. */
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

/** Closes at the end of the current test, or of the file outside of tests, in reverse order of opening. */
export function atEnd(close: () => Promise<unknown>): void {
  if (TestRunner.getCurrentTest() === undefined) afterAll(close);
  else onTestFinished(async () => void (await close()));
}

/** Opens a proxy to the database of `sql`, and records what new connections through it receive, with PostgreSQL's log messages. */
export async function openLogProxy(sql: Client, url: string): Promise<{ url: string; received(): string }> {
  // Sends log messages to the client too, so that the fault proxy can read them.
  await sql.query(
    `do $$ begin execute format('alter database %I set client_min_messages = log', current_database()); end $$`,
  );
  const proxy = await openFaultProxy(url);
  atEnd(() => proxy.close());
  let received = '';
  proxy.modifyResponses((response) => {
    received += response.toString('latin1');
    return response;
  });
  return { url: proxy.url, received: () => received };
}

/** Runs SQL in a user scope, in the same way as Holdfast's statements. */
export function ask(scope: UserScope, text: string, values: Text[] = []): Promise<TextRow[]> {
  const name = `test_${createHash('sha1').update(text).digest('hex')}`;
  const { isReadOnly, run } = internalsOf(scope);
  const statement = { name, preparedName: name, text, isRead: isReadOnly, isIdempotent: false, toValues: () => values };
  return run(statement, {});
}
