import { setTimeout as sleep } from 'node:timers/promises';

/** Returns a function that waits until the next request is due, at a fixed rate from now, and returns the time when it was due. */
export function createSchedule(perSecond: number): () => Promise<number> {
  const startedAt = performance.now();
  let requests = 0;
  return async () => {
    const dueAt = startedAt + (requests * 1000) / perSecond;
    requests += 1;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    return dueAt;
  };
}
