import { setImmediate } from 'node:timers/promises';

/** Milliseconds. Other requests wait at most about so long for one piece of work. */
const sliceMs = 2;

/** Long work in slices. Between two slices, the process serves other requests. */
export class Slices {
  #endAt = performance.now() + sliceMs;

  /** Call it after each part of the work. Undefined if the slice has time left; otherwise resolves when the next slice begins. */
  next(): Promise<void> | undefined {
    return performance.now() < this.#endAt ? undefined : this.#begin();
  }

  async #begin(): Promise<void> {
    await setImmediate();
    this.#endAt = performance.now() + sliceMs;
  }
}
