import { AsyncLocalStorage } from 'node:async_hooks';
import { TRPCError } from '@trpc/server';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import type { ToShare } from '../peers/place.ts';
import { Gate } from '../request/gate.ts';
import { lowerThreadPriority } from './thread-priority.ts';

/** Maximum number of hashes at a time. Each one occupies one of the four threads of the process's libuv thread pool. */
const runningMax = 2;

/** About one second of work. */
const waitingMax = 20;

/**
 * Characters of a password that count. Passwords have at most 128, four times as many in another normalization form. A sign-in can
 * have more, which the library would normalize: that takes the square of the number of marks, and no other call is served meanwhile.
 */
const charactersMax = 4 * 128;

const shorten = (password: string) => password.slice(0, charactersMax);

/** The client that waits for a hash. */
export interface HashClient {
  signal: AbortSignal;
  /** The network or the user. Each one has its turn. */
  key: string;
  /** Ends the turn of the client to use the sign-in library, which must not wait for a hash. */
  endTurn?: (() => void) | undefined;
}

interface Client extends HashClient {
  /** The hash that was computed before the library needs it. */
  prepared?: { password: string; hash: string };
}

const clients = new AsyncLocalStorage<Client>();

/** Runs work whose password hashes are needed only while the client waits. */
export function hashForClient<Result>(client: HashClient, work: () => Result): Result {
  return clients.run({ ...client }, work);
}

class TooManyHashesError extends Error {
  override readonly name = 'TooManyHashesError';
  readonly code = 'TOO_MANY_HASHES';
  readonly retryAfterMs = 2000;
  readonly isRetryable = true;
}

function toFullError(): TRPCError {
  const message = 'Too many sign-ins at the moment. Try again later.';
  return new TRPCError({ code: 'SERVICE_UNAVAILABLE', message, cause: new TooManyHashesError(message) });
}

/**
 * The sign-in library's password hash, limited to two hashes at a time. Each one occupies a libuv thread for a tenth of
 * a second. Without the limit, many sign-ins at once would delay all other work that needs such a thread, for example
 * each new database connection.
 *
 * @throws (when called) TRPCError SERVICE_UNAVAILABLE if too many hashes wait, CLIENT_CLOSED_REQUEST if the client has
 * disconnected, GATEWAY_TIMEOUT if the request has reached its deadline.
 */
export function createPasswordHash(toShare: ToShare) {
  const limits = { runningMax: toShare(runningMax), waitingMax: toShare(waitingMax), newestFirst: true };
  const gate = new Gate(limits, toFullError);
  void lowerThreadPriority();

  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const client = clients.getStore();
    client?.endTurn?.();
    await gate.enter(client?.signal ?? null, client?.key);
    try {
      return await work();
    } finally {
      gate.leave();
    }
  }

  const hashInTurn = (password: string) => inTurn(() => hashPassword(shorten(password)));

  return {
    /** Computes the hash for a later `hash` of the same client, which then returns at once. */
    async prepare(password: string): Promise<void> {
      const client = clients.getStore();
      if (client === undefined || client.prepared?.password === password) return;
      client.prepared = { password, hash: await hashInTurn(password) };
    },
    async hash(password: string): Promise<string> {
      const prepared = clients.getStore()?.prepared;
      return prepared?.password === password ? prepared.hash : hashInTurn(password);
    },
    verify: ({ hash, password }: { hash: string; password: string }): Promise<boolean> =>
      inTurn(() => verifyPassword({ hash, password: shorten(password) })),
  };
}
