import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database, Profile, UserScope } from '@holdfast/db';

/** Who is calling, once their token has been verified. */
export interface Caller {
  /** A UUID in lower case. */
  userId: string;
  profile: Profile;
}

/** What the procedures of one request work with. */
export interface Context {
  /** Null for a request without any token. */
  scope: UserScope | null;
}

export interface ContextOptions {
  db: Database;
  /** Null for a request without any token. */
  caller: Caller | null;
  /** Whether the request is a batch, whose reads then share one round trip to the database. */
  isBatch?: boolean;
}

/** The context of one request; its calls share it. */
export function createContext({ db, caller, isBatch = false }: ContextOptions): Context {
  if (caller === null) return { scope: null };
  return { scope: db.asUser(caller.userId, { profile: caller.profile, joinReads: isBatch }) };
}

const requestIds = new AsyncLocalStorage<string>();

/** Runs the handling of one request, so that everything in it knows the request's id. */
export function inRequest<Result>(requestId: string, handle: () => Result): Result {
  return requestIds.run(requestId, handle);
}

/** The id of the request that is being handled; null outside of any. */
export function currentRequestId(): string | null {
  return requestIds.getStore() ?? null;
}
