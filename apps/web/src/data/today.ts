import { resolveTimeZone, todayIn } from '@holdfast/task-values';
import { useCallback, useSyncExternalStore } from 'react';

/** YYYY-MM-DD */
export type Today = string;

/** A device can sleep through midnight, so the page looks at the clock often. */
const checkMs = 15_000;

let device = { timeZone: '', readAt: -checkMs };

/** A device seldom changes its zone, and reading it takes as long as rendering a row. */
export function findDeviceZone(): string {
  const now = performance.now();
  if (now - device.readAt >= checkMs) {
    device = { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, readAt: now };
  }
  return device.timeZone;
}

/**
 * The zone of the user, else that of the device, else UTC. A browser does not have newer zones, and some devices have no zone.
 */
export function findZone(ofUser: string | null | undefined): string {
  return (ofUser && resolveTimeZone(ofUser)) || (resolveTimeZone(findDeviceZone()) ?? 'UTC');
}

function subscribe(listener: () => void): () => void {
  const timer = setInterval(listener, checkMs);
  document.addEventListener('visibilitychange', listener);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', listener);
  };
}

export function useTodayOf(timeZone: string): Today {
  return useSyncExternalStore(
    subscribe,
    useCallback(() => todayIn(timeZone, new Date()), [timeZone]),
  );
}
