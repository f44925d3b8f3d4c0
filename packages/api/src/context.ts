import type { Database, LagLimits, Profile, TokenScope, UserScope } from '@holdfast/db';
import type { Cost } from '@holdfast/operation';
import type { TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';

/** The user of the request's verified token. */
export interface Caller {
  /** UUID in lower case. */
  userId: string;
  profile: Profile;
  /** The scope of the API token that the request has. Absent for sessions and their tokens, which may do everything. */
  tokenScope?: TokenScope;
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

/** The server's side of one stream of changes. All methods throw an `AbortError` after the end of the stream. */
export interface ChangeStream {
  /** Runs one read with its own deadline, when it is this stream's turn. */
  read<Result>(read: () => Promise<Result>): Promise<Result>;
  /**
   * Waits for the next wake-up. Any number of wake-ups since the last read count as one.
   *
   * @param revision The revision of the user that the stream has reached. Null if it is not known.
   */
  waitForChange(revision: number | null): Promise<void>;
  /** Waits a few seconds after a failure that can pass. */
  pause(): Promise<void>;
  /** The client has received the changes of the last read. */
  recordDelivery(): void;
  close(): void;
}

/** Opens the stream of a request. @throws TRPCError if there are too many streams. */
export type OpenStream = (options: { userId: string; signal: AbortSignal | undefined }) => ChangeStream;

/** The result of a check that a user wants a deletion. */
export type Confirmation = 'confirmed' | 'password missing' | 'password wrong' | 'sign-in too old';

/** The account of the caller, which the server manages. All methods throw a `TRPCError`. */
export interface Account {
  /**
   * Whether the user confirms a deletion with the password of the account. Without a password, the sign-in must be recent. Another
   * issuer, which alone knows the passwords, needs no confirmation. The server limits the attempts.
   */
  confirm(password: string | undefined): Promise<Confirmation>;
  /** Removes the user and everything that belongs to them, and ends all access. */
  erase(): Promise<void>;
}

/** Opens the account of the caller of a request. */
export type OpenAccount = () => Account;

/** Context of the procedures of one request. */
export interface Context {
  /** Null for a request without a token. */
  scope: UserScope | null;
  /** Undefined for a session. */
  tokenScope?: TokenScope | undefined;
  /** Size limit of each page of tasks, in bytes of text. */
  pageBytes: number;
  /** The newest revision that the calls of the request have written, if the database has a replica. */
  revision?: number | undefined;
  /** Undefined without a server. */
  openStream?: OpenStream | undefined;
  /** Undefined without a server. */
  openAccount?: OpenAccount | undefined;
  /** Runs after each call that reached its procedure. */
  onCall: ((report: CallReport) => void) | undefined;
}

export interface ContextOptions {
  db: Database;
  /** Null for a request without a token. */
  caller: Caller | null;
  /** Number of calls in the request. Several calls share one round trip to the database. Default: 1. */
  calls?: number;
  /** Number of calls that return a page. Their pages share the size limit of a response. Default: 1. */
  pages?: number;
  /** Set if reads tolerate replication lag, so that a replica may serve them. Default: false. */
  mayLag?: LagLimits | false;
  /** Opens the stream of `changes.watch`. Default: the procedure refuses each call. */
  openStream?: OpenStream | undefined;
  /** Opens the account of the caller. Default: `user.delete` refuses each call. */
  openAccount?: OpenAccount | undefined;
  onCall?: Context['onCall'];
}

/** Size limit of the tasks in one response, in bytes of JSON. Each page has at least one task, which can exceed it. */
const responseBytesMax = 512 * 1024;

/** Creates the context that all calls of one request share. */
export function createContext(options: ContextOptions): Context {
  const { db, caller, calls = 1, pages = 1, mayLag = false, openStream, openAccount, onCall } = options;
  const isBatch = calls > 1;
  const tokenScope = caller?.tokenScope;
  const readOnly = tokenScope === 'read';
  const context: Context = {
    scope: null,
    tokenScope,
    pageBytes: Math.floor(responseBytesMax / Math.max(1, pages)),
    openStream,
    openAccount,
    onCall,
  };
  if (caller === null) return context;
  const onWrite = db.hasReplica
    ? (revision: number) => void (context.revision = Math.max(revision, context.revision ?? 0))
    : undefined;
  const { userId, profile } = caller;
  context.scope = db.asUser(userId, { profile, batchReads: isBatch, batchWrites: isBatch, mayLag, readOnly, onWrite });
  return context;
}
