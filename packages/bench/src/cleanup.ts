/** Functions that release resources before the process ends, also after an error or a signal. */
export interface Cleanup {
  /** Functions run in reverse order: the last added runs first. */
  add(release: () => unknown): void;
  /** Runs all functions. Later calls wait for the first. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const pending: (() => unknown)[] = [];
  let done: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      try {
        await next();
      } catch (error) {
        process.stderr.write(`Cleanup failed: ${(error as Error).message}\n`);
      }
    }
  }

  return {
    add(release) {
      pending.push(release);
      // The cleanup already runs, so it must also release this resource.
      if (done !== undefined) done = done.then(runAll);
    },
    run: () => (done ??= runAll()),
  };
}
