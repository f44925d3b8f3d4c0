import { randomUUID } from 'node:crypto';
import { type Database, type DatabaseOptions, openDatabase } from '@holdfast/db';
import { openTestDatabase } from '@holdfast/db/testing';
import { afterAll, expect, inject, onTestFinished } from 'vitest';
import { type Caller, createCaller, createContext, type RouterOutputs } from '../src/index.ts';

export type Task = RouterOutputs['task']['get'];
export type Procedures = ReturnType<typeof createCaller>;

/** Creates a caller with a new user ID, and so with an empty list. */
export function createUser(profile: Partial<Caller['profile']> = {}): Caller {
  return { userId: randomUUID(), profile: { email: null, name: null, ...profile } };
}

export interface Fixture {
  db: Database;
  /** URL of the test file's database. */
  url: string;
  /** The procedures, called as this user. */
  as(caller: Caller | null): Procedures;
}

/** Opens a migrated database for one test file. It is dropped at the end. */
export async function openFixture(options: Partial<DatabaseOptions> = {}): Promise<Fixture> {
  const database = await openTestDatabase(inject('testServer'));
  atEnd(() => database.drop());
  const db = await openDatabase({ url: database.url, ...options });
  atEnd(() => db.close());
  return { db, url: database.url, as: (caller) => createCaller(createContext({ db, caller })) };
}

/** Runs `close` at the end of the current test, or of the file outside a test. The last one registered runs first. */
export function atEnd(close: () => Promise<unknown>): void {
  if (expect.getState().currentTestName === undefined) afterAll(close);
  else onTestFinished(async () => void (await close()));
}

/** Waits until the clock shows another millisecond. */
export function nextMillisecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 3));
}
