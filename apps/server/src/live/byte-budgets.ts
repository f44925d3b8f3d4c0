export interface Budget {
  /** Bytes that are free after a pause. */
  burst: number;
  bytesPerSecond: number;
}

interface Debt {
  bytes: number;
  /** The time at which the debt had this size, on the clock of `performance.now()`. */
  at: number;
}

/** Limits bytes per second for each key, after they were sent. */
export class ByteBudgets {
  readonly #budget: Budget;
  readonly #debts = new Map<string, Debt>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Returns the milliseconds that the key must wait before it sends more. */
  spend(key: string, bytes: number): number {
    const { burst, bytesPerSecond } = this.#budget;
    const now = performance.now();
    const debt = this.#debts.get(key) ?? { bytes: 0, at: now };
    this.#debts.set(key, { bytes: this.#left(debt, now) + bytes, at: now });
    return (Math.max(0, this.#left(debt, now) + bytes - burst) / bytesPerSecond) * 1000;
  }

  /** Forgets the keys without a debt. */
  prune(): void {
    const now = performance.now();
    for (const [key, debt] of this.#debts) if (this.#left(debt, now) === 0) this.#debts.delete(key);
  }

  #left({ bytes, at }: Debt, now: number): number {
    return Math.max(0, bytes - ((now - at) / 1000) * this.#budget.bytesPerSecond);
  }
}
