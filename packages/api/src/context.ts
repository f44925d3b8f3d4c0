import type { Database, Profile, UserScope } from '@holdfast/db';
import type { Cost } from '@holdfast/operation';
import type { TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';

/** Who is calling, once their token has been verified. */
export interface Caller {
  /** A UUID in lower case. */
  userId: string;
  profile: Profile;
}

/** One call of a procedure that has ended. */
export interface CallReport {
  /** Such as `task.list`. */
  procedure: string;
  outcome: 'OK' | TRPC_ERROR_CODE_KEY;
  /** What it failed with, the very object that tRPC's `onError` is told of; null when it succeeded. */
  error: TRPCError | null;
  /** Milliseconds. */
  durationMs: number;
  cost: Cost;
  /** Whether it has used more statements than the procedure declares. */
  isOverBudget: boolean;
}

/** What the procedures of one request work with. */
export interface Context {
  /** Null for a request without any token. */
  scope: UserScope | null;
  /** Told of each call that has reached its procedure. */
  onCall: ((report: CallReport) => void) | undefined;
}

export interface ContextOptions {
  db: Database;
  /** Null for a request without any token. */
  caller: Caller | null;
  /** Whether the request is a batch, whose reads then share one round trip to the database. */
  isBatch?: boolean;
  /** Whether the caller takes reads as of a moment ago, so that a replica may answer. */
  mayLag?: boolean;
  onCall?: Context['onCall'];
}

/** The context of one request; its calls share it. */
export function createContext({ db, caller, isBatch = false, mayLag = false, onCall }: ContextOptions): Context {
  const scope =
    caller === null ? null : db.asUser(caller.userId, { profile: caller.profile, batchReads: isBatch, mayLag });
  return { scope, onCall };
}
