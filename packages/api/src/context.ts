import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database, Profile } from '@holdfast/db';

/** Who is calling, once their token has been verified. */
export interface Caller {
  /** A UUID in lower case. */
  userId: string;
  profile: Profile;
}

export interface Context {
  db: Database;
  /** Null for a request without any token. */
  caller: Caller | null;
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
