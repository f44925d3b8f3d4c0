import { randomUUID } from 'node:crypto';
import { type Database, type DatabaseOptions, openDatabase } from '@holdfast/db';
import { openTestDatabase } from '@holdfast/db/testing';
import { afterAll, expect, inject, onTestFinished } from 'vitest';
import { type Caller, createCaller, createContext, type RouterOutputs } from '../src/index.ts';

export type Task = RouterOutputs['task']['get'];
export type Procedures = ReturnType<typeof createCaller>;

/** Whoever calls in the tests; each test that wants an empty list makes a caller of its own. */
export function createUser(profile: Partial<Caller['profile']> = {}): Caller {
  return { userId: randomUUID(), profile: { email: null, name: null, ...profile } };
}

export interface Fixture {
  db: Database;
  /** To this file's own database. */
  url: string;
  /** The procedures as this caller reaches them. */
  as(caller: Caller | null): Procedures;
}

/** A migrated database for one test file, open as the product opens it, dropped at the end. */
export async function openFixture(options: Partial<DatabaseOptions> = {}): Promise<Fixture> {
  const database = await openTestDatabase(inject('testServer'));
  atEnd(() => database.drop());
  const db = await openDatabase({ url: database.url, ...options });
  atEnd(() => db.close());
  return { db, url: database.url, as: (caller) => createCaller(createContext({ db, caller })) };
}

/** Closes at the end of the test that is running, or of the file where none is; the last opened is the first closed. */
export function atEnd(close: () => Promise<unknown>): void {
  if (expect.getState().currentTestName === undefined) afterAll(close);
  else onTestFinished(async () => void (await close()));
}

/** Long enough for the clock to show another millisecond. */
export function nextMillisecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 3));
}
