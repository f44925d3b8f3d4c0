import { currentOperation } from '@holdfast/operation';
import { TRPCError } from '@trpc/server';

export interface GateLimits {
  /** Maximum number of entrants at a time. */
  runningMax: number;
  /** Maximum number of entrants that wait. */
  waitingMax: number;
  /**
   * Whether the newest entrant is admitted first, and a full queue drops its oldest. In an overload, new clients are then served
   * in time, instead of each client after its patience has ended. Default: in order of arrival.
   */
  newestFirst?: boolean;
}

interface Waiting {
  admit(): void;
  drop(): void;
}

/**
 * Admits a limited number of requests at a time, and lets a limited number wait. A request leaves the queue at once if its client
 * disconnects or its deadline passes.
 */
export class Gate {
  #running = 0;
  #runningMax: number;
  readonly #waitingMax: number;
  readonly #newestFirst: boolean;
  readonly #toFullError: () => Error;
  /** In the order of arrival. */
  readonly #waiting = new Set<Waiting>();

  /** @param toFullError creates the error for an entrant that finds the queue full. */
  constructor({ runningMax, waitingMax, newestFirst = false }: GateLimits, toFullError: () => Error) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
    this.#newestFirst = newestFirst;
    this.#toFullError = toFullError;
  }

  get isEmpty(): boolean {
    return this.#running === 0 && this.#waiting.size === 0;
  }

  /** Applies when the next entrant enters or leaves. */
  set runningMax(runningMax: number) {
    this.#runningMax = runningMax;
  }

  /**
   * Returns undefined if the entrant is admitted at once, otherwise a promise that resolves on admission. An admitted
   * entrant must leave.
   *
   * @throws the error of a full queue, CLIENT_CLOSED_REQUEST or GATEWAY_TIMEOUT, at once or as a rejection.
   */
  enter(signal: AbortSignal | null): Promise<void> | undefined {
    if (signal?.aborted) throw toAbandonedError();
    if (this.#running < this.#runningMax) {
      this.#running += 1;
      return undefined;
    }
    if (this.#waiting.size >= this.#waitingMax) {
      if (!this.#newestFirst) throw this.#toFullError();
      this.#waiting.values().next().value!.drop();
    }
    return this.#wait(signal);
  }

  leave(): void {
    this.#running -= 1;
    this.#admit();
  }

  #admit(): void {
    const waiting = this.#newestFirst ? [...this.#waiting].toReversed() : this.#waiting;
    for (const entrant of waiting) {
      if (this.#running >= this.#runningMax) return;
      entrant.admit();
    }
  }

  #wait(signal: AbortSignal | null): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stopWaiting = () => {
      this.#waiting.delete(entrant);
      clearTimeout(timer);
      signal?.removeEventListener('abort', abandon);
    };
    const refuse = (error: Error) => {
      stopWaiting();
      reject(error);
    };
    const entrant: Waiting = {
      admit: () => {
        stopWaiting();
        this.#running += 1;
        resolve();
      },
      drop: () => refuse(this.#toFullError()),
    };
    const abandon = () => refuse(toAbandonedError());
    const timeOut = () =>
      refuse(new TRPCError({ code: 'GATEWAY_TIMEOUT', message: 'The server is busy. Try again later.' }));
    const deadlineAt = currentOperation()?.deadlineAt ?? Infinity;
    const timer =
      deadlineAt === Infinity ? undefined : setTimeout(timeOut, Math.max(0, deadlineAt - performance.now()));
    signal?.addEventListener('abort', abandon, { once: true });
    this.#waiting.add(entrant);
    return promise;
  }
}

function toAbandonedError(): TRPCError {
  return new TRPCError({ code: 'CLIENT_CLOSED_REQUEST', message: 'The client disconnected.' });
}

/** One gate for each key. A gate exists only while it is in use. */
export class Gates {
  readonly #gates = new Map<string, Gate>();
  readonly #limits: GateLimits;
  readonly #toFullError: () => Error;

  constructor(limits: GateLimits, toFullError: () => Error) {
    this.#limits = limits;
    this.#toFullError = toFullError;
  }

  /** As `enter` of the key's gate. @param runningMax Default: that of the limits. */
  enter(key: string, signal: AbortSignal | null, runningMax = this.#limits.runningMax): Promise<void> | undefined {
    if (signal?.aborted) throw toAbandonedError();
    let gate = this.#gates.get(key);
    if (gate === undefined) this.#gates.set(key, (gate = new Gate(this.#limits, this.#toFullError)));
    gate.runningMax = runningMax;
    return gate.enter(signal);
  }

  leave(key: string, runningMax = this.#limits.runningMax): void {
    const gate = this.#gates.get(key)!;
    gate.runningMax = runningMax;
    gate.leave();
    if (gate.isEmpty) this.#gates.delete(key);
  }
}
