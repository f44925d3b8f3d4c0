import { setTimeout as sleep } from 'node:timers/promises';
import { Gate, Gates } from '../../request/gate.ts';

/** Requests of one address for which the sign-in library works at a time. */
const addressMax = 2;

/** The same for all addresses. */
const allMax = 4;

/** Requests of all addresses that wait. */
const waitingMax = 1000;

/** Milliseconds: about as long as the library works for a request without a password. Other requests need several turns of the event loop. */
const pauseMs = 5;

/** Milliseconds after which a turn ends at the latest. The library then waits for the database or another server. */
const turnMsMax = 100;

/**
 * The turns of requests to use the sign-in library, which takes milliseconds of the process for each. Without them, the library would
 * work for all requests that one client has sent at the same time, before other requests are served.
 */
export class LibraryTurns {
  readonly #addresses: Gates;
  readonly #all: Gate;
  /** The turns that have ended are free one after the other, after a pause each, so that other requests are served between them. */
  #lastFree: Promise<void> = Promise.resolve();

  /** @param toFullError As that of a gate. */
  constructor(toFullError: () => Error) {
    this.#addresses = new Gates({ runningMax: addressMax, waitingMax: Infinity }, toFullError);
    this.#all = new Gate({ runningMax: allMax, waitingMax }, toFullError);
  }

  /** Waits for a turn. Returns the function that ends it. */
  async begin(address: string, signal: AbortSignal | null): Promise<() => void> {
    await this.#addresses.enter(address, signal);
    try {
      await this.#all.enter(signal, address);
    } catch (error) {
      this.#addresses.leave(address);
      throw error;
    }
    let hasEnded = false;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      clearTimeout(timer);
      this.#lastFree = this.#free(address, this.#lastFree);
    };
    const timer = setTimeout(end, turnMsMax).unref();
    return end;
  }

  async #free(address: string, before: Promise<void>): Promise<void> {
    await before;
    await sleep(pauseMs);
    this.#all.leave();
    this.#addresses.leave(address);
  }
}
