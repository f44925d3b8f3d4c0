/** A user is slow whose transactions have taken more than this time, in milliseconds, in the last one or two periods. */
const slowMs = 1000;

/** Milliseconds. */
const periodMs = 5000;

/** Adds up how long the transactions of each user took in the last seconds. */
export class UserTimes {
  #times = new Map<string, number>();
  #formerTimes = new Map<string, number>();
  #startedAt = performance.now();

  add(userId: string, ms: number): void {
    this.#turn();
    this.#times.set(userId, (this.#times.get(userId) ?? 0) + ms);
  }

  isSlow(userId: string): boolean {
    this.#turn();
    return (this.#times.get(userId) ?? 0) + (this.#formerTimes.get(userId) ?? 0) > slowMs;
  }

  /** Two maps, so that users without transactions need no search. */
  #turn(): void {
    const age = performance.now() - this.#startedAt;
    if (age < periodMs) return;
    this.#formerTimes = age < 2 * periodMs ? this.#times : new Map();
    this.#times = new Map();
    this.#startedAt = performance.now();
  }
}
