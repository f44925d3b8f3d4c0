/** A pause that an event can end. */
export interface Pause {
  /** Waits until `end` is called, the time is over, or the signal is aborted. A call of `end` before also counts. */
  wait(signal: AbortSignal, ms?: number): Promise<void>;
  end(): void;
}

export function createPause(): Pause {
  let isEnded = false;
  let resolve: () => void = () => {};
  return {
    async wait(signal, ms) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const ended = new Promise<void>((end) => {
        resolve = end;
        if (isEnded || signal.aborted) end();
        else if (ms !== undefined) timer = setTimeout(end, ms);
      });
      signal.addEventListener('abort', resolve, { once: true });
      await ended;
      signal.removeEventListener('abort', resolve);
      clearTimeout(timer);
      isEnded = false;
    },
    end() {
      isEnded = true;
      resolve();
    },
  };
}

const pauseMaxMs = 30_000;

/** Repeats work until the signal is aborted, with growing pauses after failures. */
export async function repeat(
  work: (signal: AbortSignal) => Promise<void>,
  { signal, pause, onError }: { signal: AbortSignal; pause: Pause; onError: (error: unknown) => void },
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await work(signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
      failures += 1;
      await pause.wait(signal, Math.min(pauseMaxMs, 500 * 2 ** failures) * (0.5 + Math.random() / 2));
    }
  }
}
