import { HoldfastError } from './errors.ts';

/** Time limit of a call. */
export interface Deadline {
  /** Aborted when the time is over or the caller aborts. Its reason is a HoldfastError. */
  signal: AbortSignal;
  /** Aborts the signal with the code ABORTED. */
  abort(): void;
  /** Clears the timer and removes the listener from the caller's signal. */
  release(): void;
}

/** A timer with a longer delay would fire at once. */
const timerMax = 2 ** 31 - 1;

/** @throws RangeError if the number is out of range. */
export function toDeadline(deadlineMs = 30_000): number {
  if (deadlineMs > 0 && deadlineMs <= timerMax) return deadlineMs;
  throw new RangeError(`\`deadlineMs\` is out of range: ${deadlineMs}. Use 1 to ${timerMax}.`);
}

/** Starts a deadline of `deadlineMs` milliseconds, which also ends when the caller's signal is aborted. */
export function createDeadline(deadlineMs: number, callerSignal: AbortSignal | null | undefined): Deadline {
  const controller = new AbortController();
  const fail = (code: 'ABORTED' | 'DEADLINE', message: string) =>
    controller.abort(new HoldfastError({ code, message, isRetryable: false, cause: callerSignal?.reason }));
  const abort = () => fail('ABORTED', 'The call was aborted.');
  const timer = setTimeout(() => fail('DEADLINE', `No response arrived within ${deadlineMs} ms.`), deadlineMs);
  if (callerSignal?.aborted) abort();
  callerSignal?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    abort,
    release() {
      clearTimeout(timer);
      callerSignal?.removeEventListener('abort', abort);
    },
  };
}

/** Aborts the controller together with the signal. Returns a function that ends this. */
export function abortWith(controller: AbortController, signal: AbortSignal | null | undefined): () => void {
  const abort = () => controller.abort(signal!.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  return () => signal?.removeEventListener('abort', abort);
}

/**
 * Waits for a promise until the signal is aborted.
 *
 * @throws the signal's reason.
 */
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

/** @throws the signal's reason if it is aborted first. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await orAborted(() => new Promise<void>((resolve) => void (timer = setTimeout(resolve, ms))), signal);
  } finally {
    clearTimeout(timer);
  }
}
