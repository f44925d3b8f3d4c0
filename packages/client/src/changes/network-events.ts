/** The parts of a browser's globals that report the network. Other runtimes have none of them. */
const page = globalThis as {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
};

/** Calls the listener when the device goes online or offline. Returns a function that removes it. */
export function onNetworkChange(type: 'online' | 'offline', listener: () => void): () => void {
  page.addEventListener?.(type, listener);
  return () => page.removeEventListener?.(type, listener);
}

/** Waits for this time. Returns early if the device goes online, or if the signal is aborted. */
export function sleepUntilOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stopListening = onNetworkChange('online', end);
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
