/** What has been opened and must be closed before the process ends, however it ends. */
export interface Closings {
  /** What was added last is closed first. */
  add(close: () => unknown): void;
  /** Closes everything; later calls wait for the first. */
  close(): Promise<void>;
}

export function createClosings(): Closings {
  const waiting: (() => unknown)[] = [];
  let closed: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      try {
        await next();
      } catch (error) {
        process.stderr.write(`not closed in order: ${(error as Error).message}\n`);
      }
    }
  }

  return {
    add(close) {
      waiting.push(close);
      // Opened while all else is being closed.
      if (closed !== undefined) closed = closed.then(closeAll);
    },
    close: () => (closed ??= closeAll()),
  };
}
