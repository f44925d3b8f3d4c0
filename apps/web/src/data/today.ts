import { todayIn } from '@holdfast/task-values';
import { useCallback, useSyncExternalStore } from 'react';

/** YYYY-MM-DD */
export type Today = string;

export const findDeviceZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A device can sleep through midnight, so the page looks at the clock often. */
const checkMs = 15_000;

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
