/** Milliseconds. Other requests wait at most about so long for one piece of work. */
const sliceMs = 2;

/** Long work in slices. Between two slices, the process serves other requests. */
export class Slices {
  #endAt = performance.now() + sliceMs;

  /** Call it after each part of the work. Undefined if the slice has time left; otherwise resolves when the next slice begins. */
  next(): Promise<void> | undefined {
    return performance.now() < this.#endAt ? undefined : this.#begin();
  }

  #begin(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#endAt = performance.now() + sliceMs;
        resolve();
      });
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
