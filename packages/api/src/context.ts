import type { Database, Profile, UserScope } from '@holdfast/db';
import type { Cost } from '@holdfast/operation';
import type { TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';

/** The user of the request's verified token. */
export interface Caller {
  /** UUID in lower case. */
  userId: string;
  profile: Profile;
}

/** Report of a finished call. */
export interface CallReport {
  /** Such as `task.list`. */
  procedure: string;
  outcome: 'OK' | TRPC_ERROR_CODE_KEY;
  /** The same object that tRPC passes to `onError`. Null if the call succeeded. */
  error: TRPCError | null;
  /** Milliseconds. */
  durationMs: number;
  cost: Cost;
  /** True if the call sent more SQL statements than the procedure declares. */
  isOverBudget: boolean;
}

/** Context of the procedures of one request. */
export interface Context {
  /** Null for a request without a token. */
  scope: UserScope | null;
  /** Runs after each call that reached its procedure. */
  onCall: ((report: CallReport) => void) | undefined;
}

export interface ContextOptions {
  db: Database;
  /** Null for a request without a token. */
  caller: Caller | null;
  /** True if the request is a batch. Its reads then share one round trip to the database. Default: false. */
  isBatch?: boolean;
  /** True if reads tolerate replication lag, so that a replica may serve them. Default: false. */
  mayLag?: boolean;
  onCall?: Context['onCall'];
}

/** Creates the context that all calls of one request share. */
export function createContext({ db, caller, isBatch = false, mayLag = false, onCall }: ContextOptions): Context {
  const scope =
    caller === null ? null : db.asUser(caller.userId, { profile: caller.profile, batchReads: isBatch, mayLag });
  return { scope, onCall };
}
