import { randomUUID } from 'node:crypto';
import {
  type AuthStore,
  type Database,
  type DatabaseOptions,
  eraseUser,
  openAuthStore,
  openDatabase,
} from '@holdfast/db';
import { openTestDatabase } from '@holdfast/db/testing';
import { afterAll, inject, onTestFinished, TestRunner } from 'vitest';
import { type Account, type Caller, createCaller, createContext, type RouterOutputs } from '../src/index.ts';

export type Task = RouterOutputs['task']['get'];
export type Procedures = ReturnType<typeof createCaller>;

/** Creates a caller with a new user ID, and so with an empty list. */
export function createUser(profile: Partial<Caller['profile']> = {}): Caller {
  return { userId: randomUUID(), profile: { email: null, name: null, ...profile } };
}

export interface Fixture {
  db: Database;
  /** For `toAccount`. */
  store: AuthStore;
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
  const store = openAuthStore({ url: database.url, ...(options.observer && { observer: options.observer }) });
  atEnd(() => store.close());
  return { db, store, url: database.url, as: (caller) => createCaller(createContext({ db, caller })) };
}

export const password = 'correct horse';

/** The account of a caller. The checks of passwords and their limits are tested in apps/server. */
export function toAccount(store: AuthStore, caller: Caller | null): Account {
  return {
    confirm: async (given) => {
      if (given === undefined) return 'password missing';
      return given === password ? 'confirmed' : 'password wrong';
    },
    erase: () => eraseUser(store, caller!.userId),
  };
}

/** Runs `close` at the end of the current test, or of the file outside a test. The last one registered runs first. */
export function atEnd(close: () => Promise<unknown>): void {
  if (TestRunner.getCurrentTest() === undefined) afterAll(close);
  else onTestFinished(async () => void (await close()));
}

/** Waits until the clock shows another millisecond. */
export function nextMillisecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 3));
}
