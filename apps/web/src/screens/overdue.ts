import type { Task } from '@holdfast/client';
import type { Section } from '../tasks/items.ts';
import { common } from '../texts/common.ts';
import { taskListTexts } from '../texts/tasks.ts';

/** The section of late tasks, which can all move to today. Empty without such tasks. */
export const toOverdue = (tasks: readonly Task[], onMove: (ids: readonly string[]) => void): Section[] =>
  tasks.length === 0
    ? []
    : [
        {
          id: 'overdue',
          title: common.overdue,
          tasks,
          action: { label: taskListTexts.toToday, run: () => onMove(tasks.map(({ id }) => id)) },
        },
      ];
