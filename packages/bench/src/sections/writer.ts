import { setTimeout as sleep } from 'node:timers/promises';

interface Span {
  startedAt: number;
  endedAt: number;
}

interface Write extends Span {
  isFailed: boolean;
}

/** The writes that overlap a step. */
export interface WritesOfStep {
  writes: number;
  failures: number;
  longestWriteMs: number;
}

/** One user who writes at fixed times, or later if the last write has not ended. */
export interface Writer {
  /** The time until now of a step that began at `startedAt`. */
  describe(step: Span): WritesOfStep;
  stop(): Promise<void>;
}

/** @param write Runs one write, and rejects if it fails. */
export function startWriter(write: () => Promise<void>, everyMs: number): Writer {
  const writes: Write[] = [];
  const ending = new AbortController();
  let runningSince: number | undefined;

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      const startedAt = (runningSince = performance.now());
      let isFailed = false;
      await write().catch(() => (isFailed = true));
      runningSince = undefined;
      const endedAt = performance.now();
      writes.push({ startedAt, endedAt, isFailed });
      await sleep(Math.max(0, startedAt + everyMs - endedAt));
    }
  }
  const running = run();

  return {
    describe(step) {
      const own = writes.filter(({ startedAt, endedAt }) => endedAt > step.startedAt && startedAt < step.endedAt);
      const spans: Span[] = [...own];
      if (runningSince !== undefined) spans.push({ startedAt: runningSince, endedAt: step.endedAt });
      const overlap = (span: Span) => Math.min(span.endedAt, step.endedAt) - Math.max(span.startedAt, step.startedAt);
      return {
        writes: own.length,
        failures: own.filter(({ isFailed }) => isFailed).length,
        longestWriteMs: spans.reduce((longest, span) => Math.max(longest, overlap(span)), 0),
      };
    },
    async stop() {
      ending.abort();
      await running;
    },
  };
}
