import { useLayoutEffect } from 'react';
import { useLocation, useSearch } from 'wouter';

interface PageNavigation {
  currentEntry: { key: string } | null;
}

/** Scroll positions by entry of the browser's history. */
const positions = new Map<string, number>();
let current: string | undefined;

/** Older browsers have no keys. They restore positions on their own. */
const findKey = () => (globalThis as { navigation?: PageNavigation }).navigation?.currentEntry?.key;

function remember(): void {
  if (current !== undefined) positions.set(current, scrollY);
}

/** Remembers the scroll position of each entry of the history. */
export function useScrollMemory(): void {
  const [path] = useLocation();
  const search = useSearch();
  useLayoutEffect(() => {
    current = findKey();
  }, [path, search]);
  useLayoutEffect(() => {
    if (findKey() === undefined) return undefined;
    history.scrollRestoration = 'manual';
    addEventListener('scroll', remember, { passive: true });
    return () => removeEventListener('scroll', remember);
  }, []);
}

/** Scrolls a new screen to its earlier position if the user came back to it, and otherwise to its start. */
export function restoreScroll(): void {
  const key = findKey();
  if (key !== undefined) scrollTo({ top: positions.get(key) ?? 0, behavior: 'instant' });
  else if (scrollY > 0) scrollTo({ top: 0, behavior: 'instant' });
}
