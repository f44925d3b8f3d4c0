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

interface Start {
  user: User;
  isWrite: boolean;
  isSlow: boolean;
}

/**
 * A user takes at most this share of the connections, and so do all users together whose transactions take long. A long
 * transaction keeps a core of the database busy, and databases often have few cores.
 */
const share = 0.2;

/** A user has two connections if there are at least so many, so that reads need not wait for a write. */
const connectionsForTwo = 5;

/**
 * Shares the connections of a pool among the users, so that a few users whose transactions are slow, or wait for each other,
 * leave connections to all others. A transaction waits here, and not on a connection, as long as its user has
 *
 * - another write, because PostgreSQL runs the writes of one user one after the other,
 * - as many transactions as one user may have, or
 * - one transaction, if the user's transactions took long recently. These users also share a part of the pool.
 */
export class UserTurns {
  readonly #users = new Map<string, User>();
  readonly #times = new UserTimes();
  readonly #waitMs: number;
  readonly #userMax: number;
  readonly #slowMax: number;
  #slowRunning = 0;
  readonly #slowWaiting = new Set<() => void>();

  constructor({ waitMs, options: { max } }: Pick<InstrumentedPool, 'waitMs' | 'options'>) {
    this.#waitMs = waitMs;
    this.#slowMax = Math.max(1, Math.floor(max * share));
    this.#userMax = Math.max(max < connectionsForTwo ? 1 : 2, this.#slowMax);
  }

  enter({ userId, isWrite }: { userId: string; isWrite: boolean }, onTurn: OnTurn): void {
    let user = this.#users.get(userId);
    if (user === undefined) this.#users.set(userId, (user = { writes: 0, reads: 0, waiting: new Set() }));
    const isSlow = this.#times.isSlow(userId);
    if (!isSlow && user.waiting.size === 0 && this.#hasRoom(user, { isWrite, max: this.#userMax })) {
      return this.#start(userId, { user, isWrite, isSlow }, onTurn);
    }
    this.#wait(userId, { user, isWrite }, onTurn);
  }

  #hasRoom({ writes, reads }: User, { isWrite, max }: { isWrite: boolean; max: number }): boolean {
    return writes + reads < max && !(isWrite && writes > 0);
  }

  #start(userId: string, { user, isWrite, isSlow }: Start, onTurn: OnTurn): void {
    if (isWrite) user.writes += 1;
    else user.reads += 1;
    onTurn(undefined, (workedMs) => {
      if (isWrite) user.writes -= 1;
      else user.reads -= 1;
      this.#times.add(userId, workedMs);
      if (isSlow) this.#slowRunning -= 1;
      this.#admit(userId, user);
      if (isSlow) for (const admit of this.#slowWaiting) admit();
    });
  }

  /** The wait ends with the operation, and after the time that a transaction may wait for a connection. */
  #wait(userId: string, { user, isWrite }: { user: User; isWrite: boolean }, onTurn: OnTurn): void {
    const operation = currentOperation();
    // Another caller admits it.
    const inContext = AsyncResource.bind(onTurn);
    const endError = findEndError(operation);
    const leftMs = (operation?.deadlineAt ?? Infinity) - performance.now();
    const stop = () => {
      clearTimeout(timer);
      operation?.signal?.removeEventListener('abort', abandon);
      user.waiting.delete(waiting);
      this.#slowWaiting.delete(waiting.admit);
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
        if (isSlow && this.#slowRunning >= this.#slowMax) {
          this.#slowWaiting.add(waiting.admit);
          return;
        }
        stop();
        if (isSlow) this.#slowRunning += 1;
        this.#start(userId, { user, isWrite, isSlow }, inContext);
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
