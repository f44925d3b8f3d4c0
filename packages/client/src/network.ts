import { orAborted } from './deadline.ts';
import { HoldfastError, isHoldfastError } from './errors.ts';

/** The parts of a browser's globals that report the network. Other runtimes have none of them. */
const page = globalThis as {
  location?: { origin: string };
  navigator?: { onLine?: boolean };
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
};

/** Reports whether the server can be reached at all. */
export interface Network {
  isOffline(): boolean;
  /**
   * Waits until the device is online.
   *
   * @throws HoldfastError OFFLINE if the deadline passes first.
   */
  waitUntilOnline(signal: AbortSignal): Promise<void>;
}

/** Browsers know whether the device has a network. A server on the same machine needs none. */
export function createNetwork(base: string): Network {
  const isLocal = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(base).hostname);
  const isOffline = () => !isLocal && page.navigator?.onLine === false;

  return {
    isOffline,
    async waitUntilOnline(signal) {
      if (!page.addEventListener) return;
      let stopListening!: () => void;
      const online = new Promise<void>((resolve) => (stopListening = onPageEvent('online', resolve)));
      try {
        await orAborted(() => online, signal);
      } catch (reason) {
        throw isHoldfastError(reason, 'DEADLINE') ? offline() : reason;
      } finally {
        stopListening();
      }
    },
  };
}

export function offline(): HoldfastError {
  const message = 'This device is offline. Try again when it is online.';
  return new HoldfastError({ code: 'OFFLINE', message, isRetryable: true });
}

/** True if a page has another origin than the server, so that the browser sends a preflight for each URL. */
export function isCrossOrigin(base: string): boolean {
  return page.location !== undefined && page.location.origin !== new URL(base).origin;
}

type PageEvent = 'online' | 'offline' | 'pagehide' | 'visibilitychange';

/**
 * Calls the listener when the device goes online or offline, or when the page ends, is hidden or shown. Returns a function that
 * removes it.
 */
export function onPageEvent(type: PageEvent, listener: () => void): () => void {
  page.addEventListener?.(type, listener);
  return () => page.removeEventListener?.(type, listener);
}

/** Waits for this time. Returns early if the device goes online, or if the signal is aborted. */
export function sleepUntilOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stopListening = onPageEvent('online', end);
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    function end(): void {
      stopListening();
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
