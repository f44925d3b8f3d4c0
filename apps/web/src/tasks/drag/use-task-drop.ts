import { type RefObject, useEffect, useRef, useState } from 'react';
import { useDragModule } from './drag-module.ts';

/**
 * Accepts tasks that are dropped on an element, such as a list in the sidebar. Returns true while tasks are over it. Without
 * `onDrop`, it accepts no tasks.
 */
export function useTaskDrop(
  element: RefObject<HTMLElement | null>,
  onDrop: ((ids: readonly string[]) => void) | undefined,
): boolean {
  const drag = useDragModule();
  const [isOver, setOver] = useState(false);
  const latest = useRef(onDrop);
  useEffect(() => {
    latest.current = onDrop;
  });
  useEffect(() => {
    if (!drag || !element.current) return undefined;
    return drag.makeDropTarget(element.current, {
      canDrop: () => latest.current !== undefined,
      onOver: () => setOver(true),
      onOut: () => setOver(false),
      onDrop: (ids) => latest.current?.(ids),
    });
  }, [drag, element]);
  return isOver;
}
