import { AsyncResource } from 'node:async_hooks';
import { currentOperation } from '@holdfast/operation';
import type { InstrumentedPool } from '../connection/pool.ts';
import { findEndError } from '../connection/statement-monitor.ts';
import { DatabaseUnavailableError, StatementTimeoutError } from '../errors.ts';
import { UserTimes } from './user-times.ts';

/** Admits or fails a transaction, at once or later. After an admission, the caller must call `leave` once. */
export type OnTurn = (error: Error | undefined, leave?: Leave) => void;

/** @param workedMs Milliseconds that the transaction had a connection. */
type Leave = (workedMs: number) => void;

interface Waiting {
  readonly isWrite: boolean;
  admit(): void;
}

interface User {
  writes: number;
  reads: number;
  readonly waiting: Set<Waiting>;
}

/** A transaction that asks for its turn. */
interface Entrant {
  userId: string;
  isWrite: boolean;
  /** Whether it can take seconds. */
  isLong: boolean;
}

interface Start {
  user: User;
  isWrite: boolean;
  /** The groups of transactions to which it belongs. */
  groups: readonly Group[];
}

/** Transactions that share a part of the connections. */
interface Group {
  readonly max: number;
  running: number;
  /** Functions that admit transactions of users who have room for them. */
  readonly waiting: Set<() => void>;
}

/** @param size The size of the pool. */
const createGroup = (size: number, share: number): Group => ({
  max: Math.max(1, Math.floor(size * share)),
  running: 0,
  waiting: new Set(),
});

/**
 * A user takes at most this share of the connections, and so do all users together whose transactions take long. A long
 * transaction keeps a core of the database busy, and databases often have few cores.
 */
const share = 0.2;

/** The share of all transactions that can take seconds: until they end, no one knows whether their users are slow. */
const longShare = 0.5;

/**
 * The share of the writes of users whose transactions take long. They fill PostgreSQL's log, and the commit of every other write waits
 * until the log before it is on the disk.
 */
const slowWriteShare = 0.1;

/** A user has two connections if there are at least so many, so that reads need not wait for a write. */
const connectionsForTwo = 5;

/**
 * Shares the connections of a pool among the users, so that a few users whose transactions are slow, or wait for each other,
 * leave connections to all others. A transaction waits here, and not on a connection, as long as its user has
 *
 * - another write, because PostgreSQL runs the writes of one user one after the other,
 * - as many transactions as one user may have, or
 * - one transaction, if the user's transactions took long recently. These users also share a part of the pool, and their writes a
 *   smaller part.
 *
 * Transactions that can take long share a part of the pool, too.
 */
export class UserTurns {
  readonly #users = new Map<string, User>();
  readonly #times = new UserTimes();
  readonly #waitMs: number;
  readonly #userMax: number;
  readonly #slow: Group;
  readonly #long: Group;
  readonly #slowWrites: Group;

  constructor({ waitMs, options: { max } }: Pick<InstrumentedPool, 'waitMs' | 'options'>) {
    this.#waitMs = waitMs;
    this.#slow = createGroup(max, share);
    this.#long = createGroup(max, longShare);
    this.#slowWrites = createGroup(max, slowWriteShare);
    this.#userMax = Math.max(max < connectionsForTwo ? 1 : 2, this.#slow.max);
  }

  enter({ userId, isWrite, isLong }: Entrant, onTurn: OnTurn): void {
    let user = this.#users.get(userId);
    if (user === undefined) this.#users.set(userId, (user = { writes: 0, reads: 0, waiting: new Set() }));
    const isFree = !isLong && user.waiting.size === 0 && !this.#times.isSlow(userId);
    if (isFree && this.#hasRoom(user, { isWrite, max: this.#userMax })) {
      return this.#start(userId, { user, isWrite, groups: [] }, onTurn);
    }
    this.#wait({ userId, isWrite, isLong }, user, onTurn);
  }

  #hasRoom({ writes, reads }: User, { isWrite, max }: { isWrite: boolean; max: number }): boolean {
    return writes + reads < max && !(isWrite && writes > 0);
  }

  #start(userId: string, { user, isWrite, groups }: Start, onTurn: OnTurn): void {
    for (const group of groups) group.running += 1;
    if (isWrite) user.writes += 1;
    else user.reads += 1;
    onTurn(undefined, (workedMs) => {
      if (isWrite) user.writes -= 1;
      else user.reads -= 1;
      this.#times.add(userId, workedMs);
      for (const group of groups) group.running -= 1;
      this.#admit(userId, user);
      for (const { waiting } of groups) for (const admit of waiting) admit();
    });
  }

  /** The wait ends with the operation, and after the time that a transaction may wait for a connection. */
  #wait({ userId, isWrite, isLong }: Entrant, user: User, onTurn: OnTurn): void {
    const operation = currentOperation();
    // Another caller admits it.
    const inContext = AsyncResource.bind(onTurn);
    const endError = findEndError(operation);
    const leftMs = (operation?.deadlineAt ?? Infinity) - performance.now();
    const stop = () => {
      clearTimeout(timer);
      operation?.signal?.removeEventListener('abort', abandon);
      user.waiting.delete(waiting);
      for (const group of [this.#slow, this.#long, this.#slowWrites]) group.waiting.delete(waiting.admit);
    };
    const fail = (error: Error) => {
      stop();
      inContext(error);
      this.#removeIfIdle(userId, user);
    };
    const abandon = () => fail(findEndError(operation)!);
    const timeOut = () => fail(leftMs < this.#waitMs ? new StatementTimeoutError() : toBusyError());
    const timer = setTimeout(timeOut, Math.max(0, Math.min(this.#waitMs, leftMs)));
    const waiting: Waiting = {
      isWrite,
      admit: () => {
        const isSlow = this.#times.isSlow(userId);
        if (!this.#hasRoom(user, { isWrite, max: isSlow ? 1 : this.#userMax })) return;
        const groups = [
          ...(isSlow ? [this.#slow] : []),
          ...(isLong ? [this.#long] : []),
          ...(isSlow && isWrite ? [this.#slowWrites] : []),
        ];
        const full = groups.find(({ running, max }) => running >= max);
        if (full !== undefined) {
          full.waiting.add(waiting.admit);
          return;
        }
        stop();
        this.#start(userId, { user, isWrite, groups }, inContext);
      },
    };
    user.waiting.add(waiting);
    if (endError !== undefined) return fail(endError);
    operation?.signal?.addEventListener('abort', abandon, { once: true });
    waiting.admit();
  }

  /** In the order of arrival. A read can overtake a write that waits for another one. */
  #admit(userId: string, user: User): void {
    for (const waiting of user.waiting) {
      if (user.writes + user.reads >= this.#userMax) break;
      waiting.admit();
    }
    this.#removeIfIdle(userId, user);
  }

  #removeIfIdle(userId: string, { writes, reads, waiting }: User): void {
    if (writes + reads + waiting.size === 0) this.#users.delete(userId);
  }
}

function toBusyError(): Error {
  const message = 'The database is too busy at the moment.';
  return new DatabaseUnavailableError({ message, isRetryable: true });
}
