/** Milliseconds of a turn of the event loop in which work starts. */
const turnMs = 3;

/** Work that starts in one turn, if it waited. */
const startsMax = 8;

/**
 * Starts work at once if little has started in this turn of the event loop, and otherwise in the next turns, in the order of arrival for
 * each key and from one key after the other. So if one client sends many requests at the same time, those of other clients need not wait
 * for all of them.
 */
export class FairTurns {
  /** In the order in which the keys have their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #count = 0;
  #isInTurn = false;
  #endAt = 0;

  /** @param toKey The client of the work. */
  start(work: () => void, toKey: () => string): void {
    if (!this.#isInTurn) {
      this.#isInTurn = true;
      this.#endAt = performance.now() + turnMs;
      setImmediate(() => this.#endTurn());
    }
    if (this.#count === 0 && performance.now() < this.#endAt) return work();
    this.#count += 1;
    const key = toKey();
    const queue = this.#waiting.get(key);
    if (queue === undefined) this.#waiting.set(key, [work]);
    else queue.push(work);
  }

  #endTurn(): void {
    if (this.#count === 0) {
      this.#isInTurn = false;
      return;
    }
    // After the next turn has received data. Each callback is complete, with all that follows at once, before the next one begins.
    setImmediate(() => {
      this.#endAt = performance.now() + turnMs;
      this.#startNext();
    });
    for (let count = 1; count < Math.min(startsMax, this.#count); count++) {
      setImmediate(() => performance.now() < this.#endAt && this.#startNext());
    }
    setImmediate(() => this.#endTurn());
  }

  #startNext(): void {
    for (const [key, queue] of this.#waiting) {
      const work = queue.shift()!;
      this.#count -= 1;
      this.#waiting.delete(key);
      if (queue.length > 0) this.#waiting.set(key, queue);
      return work();
    }
  }
}
