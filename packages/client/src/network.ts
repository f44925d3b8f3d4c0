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
      let stop!: () => void;
      const online = new Promise<void>((resolve) => (stop = resolve));
      page.addEventListener('online', stop);
      try {
        await orAborted(() => online, signal);
      } catch (reason) {
        throw isHoldfastError(reason, 'DEADLINE') ? offline() : reason;
      } finally {
        page.removeEventListener?.('online', stop);
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
