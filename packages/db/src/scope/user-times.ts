/** Milliseconds. A user with more work than this is slow. */
const slowMs = 1000;

/** The part of each second for which a user may keep the database at work without becoming slow. */
const share = 0.1;

/** Milliseconds. More work does not count, so that no user is slow for longer than 90 s. */
const workMsMax = 10_000;

/** Milliseconds. */
const periodMs = 5000;

/** Milliseconds. No network to a database takes longer, so a longer transaction did work. */
const networkMsMax = 200;

/** Milliseconds of work that count at a time. */
interface Work {
  ms: number;
  at: number;
}

function leftOf({ ms, at }: Work): number {
  return Math.max(0, ms - (performance.now() - at) * share);
}

/** Adds up how long the database worked for the transactions of each user. Of each user's work, a tenth of the time since is forgotten. */
export class UserTimes {
  readonly #works = new Map<string, Work>();
  /** The times of the fastest transactions of all users in this period and the one before: about that of the network. */
  #fastestMs: [current: number, former: number] = [networkMsMax, networkMsMax];
  #startedAt = performance.now();

  /** @param ms Time of a transaction, with that of the network. */
  add(userId: string, ms: number): void {
    this.#turn();
    this.#fastestMs[0] = Math.min(this.#fastestMs[0], ms);
    const workedMs = ms - Math.min(...this.#fastestMs);
    this.#works.set(userId, { ms: Math.min(workMsMax, this.#workOf(userId) + workedMs), at: performance.now() });
  }

  isSlow(userId: string): boolean {
    return this.#workOf(userId) > slowMs;
  }

  #workOf(userId: string): number {
    const work = this.#works.get(userId);
    return work === undefined ? 0 : leftOf(work);
  }

  #turn(): void {
    const age = performance.now() - this.#startedAt;
    if (age < periodMs) return;
    this.#fastestMs = [networkMsMax, age < 2 * periodMs ? this.#fastestMs[0] : networkMsMax];
    this.#startedAt = performance.now();
    for (const [userId, work] of this.#works) if (leftOf(work) === 0) this.#works.delete(userId);
  }
}
