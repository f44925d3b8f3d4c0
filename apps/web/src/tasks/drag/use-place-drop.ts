import { todayIn } from '@holdfast/task-values';
import type { RefObject } from 'react';
import { useApp } from '../../data/app.ts';
import { findZone } from '../../data/today.ts';
import { useTaskDrop } from './use-task-drop.ts';

/**
 * Accepts tasks that are dropped on a place of the sidebar: the inbox, a list, or today. Returns true while
 * tasks are over the place.
 */
export function usePlaceDrop(element: RefObject<HTMLElement | null>, href: string): boolean {
  const { actions, profile } = useApp();
  const moveTo = (listId: string | null) => (ids: readonly string[]) =>
    actions.moveTasks(ids, { listId, before: null, after: null });
  const listId = /^\/lists\/([^/]+)$/.exec(href)?.[1];
  const onDrop: Record<string, (ids: readonly string[]) => void> = {
    '/inbox': moveTo(null),
    '/today': (ids) => {
      const date = todayIn(findZone(profile.get()?.timeZone), new Date());
      actions.moveToDay(ids, date);
    },
  };
  return useTaskDrop(element, listId === undefined ? onDrop[href] : moveTo(listId));
}
