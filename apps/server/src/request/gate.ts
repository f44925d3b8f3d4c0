import { currentOperation } from '@holdfast/operation';
import { TRPCError } from '@trpc/server';

export interface GateLimits {
  /** Maximum number of entrants at a time. */
  runningMax: number;
  /** Maximum number of entrants that wait. */
  waitingMax: number;
  /**
   * Whether the newest entrant of a key is admitted first, and a full queue drops the oldest. In an overload, new clients are then
   * served in time, instead of each client after its patience has ended. Default: in order of arrival, and a full queue refuses the newest.
   */
  newestFirst?: boolean;
}

interface Waiting {
  admit(): void;
  drop(): void;
}

/** The entrants of one key that wait. */
interface Queue {
  /** In the order of arrival. */
  readonly entrants: Set<Waiting>;
  /** Number of the turn in which an entrant was last admitted; 0 if no one was. */
  lastTurn: number;
}

/**
 * Admits a limited number of requests at a time, and lets a limited number wait. The keys of those that wait take turns, and a full queue
 * has no room for the key with the most. So one client cannot delay the others much, or take their places. A request leaves the queue at
 * once if its client disconnects or its deadline passes.
 */
export class Gate {
  #running = 0;
  #runningMax: number;
  readonly #waitingMax: number;
  readonly #newestFirst: boolean;
  readonly #toFullError: () => Error;
  /** By key, in the order of arrival. Each one has entrants. */
  readonly #queues = new Map<string, Queue>();
  #waiting = 0;
  #turn = 0;

  /** @param toFullError creates the error for an entrant that finds the queue full. */
  constructor({ runningMax, waitingMax, newestFirst = false }: GateLimits, toFullError: () => Error) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
    this.#newestFirst = newestFirst;
    this.#toFullError = toFullError;
  }

  get isEmpty(): boolean {
    return this.#running === 0 && this.#waiting === 0;
  }

  /** Applies when the next entrant enters or leaves. */
  set runningMax(runningMax: number) {
    this.#runningMax = runningMax;
  }

  /**
   * Returns undefined if the entrant is admitted at once, otherwise a promise that resolves on admission. An admitted
   * entrant must leave.
   *
   * @param key The client of the entrant. Default: one for all.
   * @throws the error of a full queue, CLIENT_CLOSED_REQUEST or GATEWAY_TIMEOUT, at once or as a rejection.
   */
  enter(signal: AbortSignal | null, key = ''): Promise<void> | undefined {
    if (signal?.aborted) throw toAbandonedError();
    if (this.#running < this.#runningMax) {
      this.#running += 1;
      return undefined;
    }
    if (this.#waiting >= this.#waitingMax) this.#makeRoom(key);
    return this.#wait(signal, key);
  }

  leave(): void {
    this.#running -= 1;
    this.#admit();
  }

  #admit(): void {
    while (this.#running < this.#runningMax && this.#waiting > 0) {
      const queue = this.#nextQueue();
      queue.lastTurn = ++this.#turn;
      const [first] = queue.entrants;
      (this.#newestFirst ? last(queue.entrants) : first!).admit();
    }
  }

  /** The one whose last turn is the longest ago. */
  #nextQueue(): Queue {
    const [first, ...others] = this.#queues.values();
    return others.reduce((next, queue) => {
      const isEarlier = this.#newestFirst ? queue.lastTurn <= next.lastTurn : queue.lastTurn < next.lastTurn;
      return isEarlier ? queue : next;
    }, first!);
  }

  /** Refuses one of those that wait for a new entrant, or the entrant. */
  #makeRoom(key: string): void {
    const ownSize = this.#queues.get(key)?.entrants.size ?? 0;
    let longest = key;
    // If keys have equally many, the entrant is the newest of all.
    let size = this.#newestFirst ? ownSize : ownSize + 1;
    for (const [other, { entrants }] of this.#queues) {
      if (entrants.size > size) [longest, size] = [other, entrants.size];
    }
    const entrants = this.#queues.get(longest)?.entrants;
    if (entrants === undefined || (longest === key && !this.#newestFirst)) throw this.#toFullError();
    const [first] = entrants;
    (this.#newestFirst ? first! : last(entrants)).drop();
  }

  #wait(signal: AbortSignal | null, key: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stopWaiting = () => {
      this.#waiting -= 1;
      queue.entrants.delete(entrant);
      if (queue.entrants.size === 0) this.#queues.delete(key);
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
    let queue = this.#queues.get(key)!;
    if (queue === undefined) this.#queues.set(key, (queue = { entrants: new Set(), lastTurn: 0 }));
    queue.entrants.add(entrant);
    this.#waiting += 1;
    return promise;
  }
}

const last = <Item>(items: Set<Item>): Item => [...items].at(-1)!;

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
