import { useEffect } from 'react';
import { createStore, useStore } from '../../data/store.ts';
import type * as drag from './drag.ts';

type DragModule = typeof drag;

const loaded = createStore<DragModule | null>(null);
let isPlanned = false;
let isLoading = false;

async function load(): Promise<void> {
  if (isLoading) return;
  isLoading = true;
  try {
    loaded.set(await import('./drag.ts'));
  } catch {
    // Offline before the first use. The next list tries again.
    isPlanned = false;
    isLoading = false;
  }
}

const start = () => void load();

/** All rows and places share one timer. */
function plan(): void {
  if (isPlanned) return;
  isPlanned = true;
  setTimeout(start, 500);
  window.addEventListener('pointerdown', start, { once: true });
}

/** The code of drag and drop. It is loaded when the browser has nothing else to do. Null until then. */
export function useDragModule(): DragModule | null {
  useEffect(plan, []);
  return useStore(loaded);
}
