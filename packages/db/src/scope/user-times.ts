/** A user is slow whose transactions have taken more than this time, in milliseconds, in the last one or two periods … */
const slowMs = 1000;

/** … and at least this share of the time of the slowest user, who makes the transactions of all others take longer. */
const slowShare = 0.5;

/** Milliseconds. */
const periodMs = 5000;

/** Milliseconds. No network to a database takes longer, so a longer transaction did work. */
const networkMsMax = 200;

/** Milliseconds of a transaction that do not count: a short one soon leaves its connection to others, however many a user has. */
const shortMs = 25;

interface Period {
  readonly times: Map<string, number>;
  /** The time of the fastest transaction of all users: about that of the network. */
  fastestMs: number;
  /** The time of the slowest user. */
  slowestMs: number;
}

const createPeriod = (): Period => ({ times: new Map(), fastestMs: networkMsMax, slowestMs: 0 });

/** Adds up how long the database worked for the long transactions of each user in the last seconds. */
export class UserTimes {
  #current = createPeriod();
  #former = createPeriod();
  #startedAt = performance.now();

  /** @param ms Time of a transaction, with that of the network. */
  add(userId: string, ms: number): void {
    this.#turn();
    const { times, fastestMs } = this.#current;
    this.#current.fastestMs = Math.min(fastestMs, ms);
    const workedMs = ms - Math.min(this.#current.fastestMs, this.#former.fastestMs) - shortMs;
    if (workedMs <= 0) return;
    const ofUserMs = (times.get(userId) ?? 0) + workedMs;
    times.set(userId, ofUserMs);
    this.#current.slowestMs = Math.max(this.#current.slowestMs, ofUserMs);
  }

  isSlow(userId: string): boolean {
    this.#turn();
    const [current, former] = [this.#current, this.#former];
    const ofUserMs = (current.times.get(userId) ?? 0) + (former.times.get(userId) ?? 0);
    return ofUserMs > slowMs && ofUserMs >= slowShare * (current.slowestMs + former.slowestMs);
  }

  /** Two maps, so that users without transactions need no search. */
  #turn(): void {
    const age = performance.now() - this.#startedAt;
    if (age < periodMs) return;
    this.#former = age < 2 * periodMs ? this.#current : createPeriod();
    this.#current = createPeriod();
    this.#startedAt = performance.now();
  }
}
