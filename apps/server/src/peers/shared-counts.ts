import type { Peers } from './peers.ts';

type Counts = [key: string, count: number][];

export interface SharedCountsOptions {
  /** Null without other workers. */
  peers: Peers | null;
  topic: string;
  /**
   * Changes are sent together after so many milliseconds, and no one waits until they arrive. Default: after the current turn of
   * the event loop.
   */
  delayMs?: number;
}

/**
 * Counts of all workers by key, such as open streams by user. Each worker has a copy, so it decides without a round trip. A
 * change reaches the other workers within milliseconds. In this time, they can exceed a limit.
 */
export class SharedCounts {
  readonly #options: SharedCountsOptions;
  readonly #own = new Map<string, number>();
  readonly #changed = new Set<string>();
  /** By key, then by worker. */
  readonly #others = new Map<string, Map<number, number>>();
  #total = 0;
  #flushing: Promise<void> | undefined;

  constructor(options: SharedCountsOptions) {
    this.#options = options;
    const { peers, topic } = options;
    peers?.on(topic, (changes, from) => this.#receive(changes as Counts, from));
    // Sent as changes, since only they arrive in order.
    peers?.on(`all ${topic}`, () => {
      for (const key of this.#own.keys()) this.#changed.add(key);
      return this.#flush(peers);
    });
    peers?.onGone((worker) => {
      for (const key of this.#others.keys()) this.#set(worker, key, 0);
    });
  }

  /** Reads the counts of the other workers. Call it before this worker serves. */
  async load(): Promise<void> {
    const { peers, topic } = this.#options;
    await peers?.ask(`all ${topic}`, null);
  }

  /** The sum of all counts of other workers. */
  get totalOfOthers(): number {
    return this.#total;
  }

  /** The count of this worker and all others. */
  of(key: string): number {
    return (this.#own.get(key) ?? 0) + this.ofOthers(key);
  }

  /** The keys with a count of another worker. */
  keys(): Iterable<string> {
    return this.#others.keys();
  }

  ofOthers(key: string): number {
    let sum = 0;
    for (const count of this.#others.get(key)?.values() ?? []) sum += count;
    return sum;
  }

  /** The other workers whose count is not 0. */
  holders(key: string): number[] {
    return [...(this.#others.get(key)?.keys() ?? [])];
  }

  /** Changes the count of this worker. Without a delay, the promise resolves when all other workers know it. */
  add(key: string, difference: 1 | -1): Promise<void> | undefined {
    const count = (this.#own.get(key) ?? 0) + difference;
    if (count === 0) this.#own.delete(key);
    else this.#own.set(key, count);
    const { peers } = this.#options;
    if (peers === null) return undefined;
    this.#changed.add(key);
    return this.#flush(peers);
  }

  /** Changes of the same time are sent together. */
  #flush(peers: Peers): Promise<void> {
    this.#flushing ??= this.#send(peers);
    return this.#flushing;
  }

  async #send(peers: Peers): Promise<void> {
    await this.#wait();
    this.#flushing = undefined;
    const changes: Counts = [...this.#changed].map((key) => [key, this.#own.get(key) ?? 0]);
    this.#changed.clear();
    const { topic, delayMs } = this.#options;
    if (delayMs === undefined) await peers.ask(topic, changes);
    else peers.tell(topic, changes);
  }

  #wait(): Promise<void> {
    const { delayMs } = this.#options;
    return new Promise((resolve) => {
      if (delayMs === undefined) setImmediate(resolve);
      else setTimeout(resolve, delayMs);
    });
  }

  #receive(changes: Counts, from: number): void {
    for (const [key, count] of changes) this.#set(from, key, count);
  }

  #set(worker: number, key: string, count: number): void {
    let counts = this.#others.get(key);
    this.#total += count - (counts?.get(worker) ?? 0);
    if (count > 0) {
      if (counts === undefined) this.#others.set(key, (counts = new Map()));
      counts.set(worker, count);
    } else if (counts?.delete(worker) && counts.size === 0) this.#others.delete(key);
  }
}
