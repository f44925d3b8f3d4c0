import { Failure } from './errors.ts';

/** When something has to end before it is done; the reason of `signal` is a Failure. */
export interface Deadline {
  signal: AbortSignal;
  /** Ends it because nobody waits any more. */
  end(): void;
  /** Lets go of the clock and the caller's signal. */
  release(): void;
}

/** Ends when the caller gives up or the time is over. */
export function createDeadline(deadlineMs: number, given: AbortSignal | null | undefined): Deadline {
  const controller = new AbortController();
  const end = (reason: Failure) => controller.abort(reason);
  const giveUp = () =>
    end(new Failure({ code: 'ABORTED', message: 'The call was aborted.', isRetryable: false, cause: given?.reason }));
  const runOut = () =>
    end(new Failure({ code: 'DEADLINE', message: `There was no answer in ${deadlineMs} ms.`, isRetryable: false }));
  const timer = setTimeout(runOut, deadlineMs);
  if (given?.aborted) giveUp();
  given?.addEventListener('abort', giveUp);
  return {
    signal: controller.signal,
    end: giveUp,
    release() {
      clearTimeout(timer);
      given?.removeEventListener('abort', giveUp);
    },
  };
}

/** Waits, but no longer than until the signal; then it throws the signal's reason. */
export async function orAborted<Result>(start: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  let stop!: () => void;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([start(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** @throws the signal's reason when it comes first. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await orAborted(() => new Promise<void>((resolve) => void (timer = setTimeout(resolve, ms))), signal);
  } finally {
    clearTimeout(timer);
  }
}
