import type { HoldfastError } from '../errors.ts';

/** A pause that an event can end. */
export interface Pause {
  /** Waits until `end` is called or the time is over. A call of `end` since the last pause also counts. */
  wait(ms: number): Promise<void>;
  end(): void;
}

export function createPause(): Pause {
  let end = Promise.withResolvers<void>();
  return {
    async wait(ms) {
      const timer = setTimeout(end.resolve, ms);
      await end.promise;
      clearTimeout(timer);
      end = Promise.withResolvers<void>();
    },
    end: () => end.resolve(),
  };
}

const pauseMaxMs = 10_000;

export interface RepeatOptions {
  signal: AbortSignal;
  /** The pause after a success. */
  pause: Pause;
  /** The pause after a failure. New work does not end it. */
  retry: Pause;
  onError(error: Error): void;
}

/**
 * Repeats work until the signal is aborted. The work returns the milliseconds to pause. After failures, the pauses become longer
 * and longer.
 */
export async function repeat(
  work: (signal: AbortSignal) => Promise<number>,
  { signal, pause, retry, onError }: RepeatOptions,
): Promise<void> {
  let failures = 0;
  for (const { end } of [pause, retry]) signal.addEventListener('abort', end);
  while (!signal.aborted) {
    try {
      const ms = await work(signal);
      failures = 0;
      if (ms > 0) await pause.wait(ms);
    } catch (error) {
      if (signal.aborted) return;
      onError(error as Error);
      failures += 1;
      const { retryAfterMs = 0 } = error as Partial<HoldfastError>;
      await retry.wait(retryAfterMs + Math.min(pauseMaxMs, 500 * 2 ** failures) * (0.5 + Math.random() / 2));
    }
  }
}
