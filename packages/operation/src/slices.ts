/** Milliseconds of a slice. Other requests wait at most about so long. */
const sliceMs = 1;

/** Milliseconds that each piece of work gets at once, so that short work need not wait for long work. */
const firstMs = 0.5;

/** Long work that waits for its next slice. Each turn of the event loop runs one slice, however much work there is. */
const waiting: ((endAt: number) => void)[] = [];

function runNext(): void {
  waiting.shift()!(performance.now() + sliceMs);
  if (waiting.length > 0) setImmediate(runNext);
}

/** Long work in slices. Between two slices, the process serves other requests. */
export class Slices {
  #endAt = performance.now() + firstMs;

  /** Call it after each part of the work. Undefined if the slice has time left; otherwise resolves when the next slice begins. */
  next(): Promise<void> | undefined {
    return performance.now() < this.#endAt ? undefined : this.#begin();
  }

  async #begin(): Promise<void> {
    this.#endAt = await new Promise<number>((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(runNext);
    });
  }
}

/** Converts items in slices. */
export async function mapInSlices<Item, Result>(
  items: readonly Item[],
  convert: (item: Item, at: number) => Result,
): Promise<Result[]> {
  const slices = new Slices();
  const results: Result[] = [];
  for (const [at, item] of items.entries()) {
    results.push(convert(item, at));
    const next = slices.next();
    if (next !== undefined) await next;
  }
  return results;
}
