import { useEffect } from 'react';
import { createStore, useStore } from '../../data/store.ts';
import type * as drag from './drag.ts';

type DragModule = typeof drag;

const loaded = createStore<DragModule | null>(null);
let isLoading = false;

async function load(): Promise<void> {
  if (isLoading) return;
  isLoading = true;
  try {
    loaded.set(await import('./drag.ts'));
  } catch {
    // Offline before the first use: the next list tries again.
    isLoading = false;
  }
}

/** The code of drag and drop. It is loaded when the browser has nothing else to do. Null until then. */
export function useDragModule(): DragModule | null {
  useEffect(() => {
    if (isLoading) return undefined;
    const timer = setTimeout(() => void load(), 500);
    const onPointerDown = () => void load();
    window.addEventListener('pointerdown', onPointerDown, { once: true });
    return () => {
      clearTimeout(timer);
      window.removeEventListener('pointerdown', onPointerDown);
    };
  }, []);
  return useStore(loaded);
}
