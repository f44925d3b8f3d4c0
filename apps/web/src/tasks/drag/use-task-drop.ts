import { type RefObject, useEffect, useEffectEvent, useState } from 'react';
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
  const canDrop = useEffectEvent(() => onDrop !== undefined);
  const drop = useEffectEvent((ids: readonly string[]) => onDrop?.(ids));
  useEffect(() => {
    if (!drag || !element.current) return undefined;
    return drag.makeDropTarget(element.current, {
      kind: 'tasks',
      canDrop: () => canDrop(),
      onOver: () => setOver(true),
      onOut: () => setOver(false),
      onDrop: (ids) => drop(ids),
    });
  }, [drag, element]);
  return isOver;
}
