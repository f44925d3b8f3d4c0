import type { EventStream } from './event-stream.ts';
import { pingEvent } from './events.ts';

/** The open streams that need pings. */
export interface Pings {
  add(stream: EventStream): void;
  remove(stream: EventStream): void;
}

/** How often all streams are checked, in milliseconds. */
const checkMs = 1000;

/**
 * Sends a ping on each stream that has been silent for the interval of the router's settings. tRPC's own adapter has a timer for
 * each stream; one timer for all of them costs less.
 */
export function createPings(settings: { ping?: { enabled: boolean; intervalMs?: number } } | undefined): Pings {
  const streams = new Set<EventStream>();
  const { enabled = false, intervalMs = 1000 } = settings?.ping ?? {};
  if (!enabled) return { add: () => {}, remove: () => {} };
  let checking: NodeJS.Timeout | undefined;

  function check(): void {
    for (const stream of streams) stream.sendIfSilent(pingEvent, intervalMs);
  }

  return {
    add(stream) {
      streams.add(stream);
      checking ??= setInterval(check, Math.min(checkMs, intervalMs)).unref();
    },
    remove(stream) {
      streams.delete(stream);
      if (streams.size > 0) return;
      clearInterval(checking);
      checking = undefined;
    },
  };
}
