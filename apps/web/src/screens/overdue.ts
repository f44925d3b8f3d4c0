import type { Task } from '@holdfast/client';
import type { Section } from '../tasks/items.ts';
import { common } from '../texts/common.ts';
import { taskListTexts } from '../texts/task-list.ts';

export const toIds = (tasks: readonly Task[]): string[] => tasks.map(({ id }) => id);

/** The section of late tasks, which can all move to today. Empty without such tasks. */
export const toOverdue = (tasks: readonly Task[], onMove: () => void): Section[] =>
  tasks.length === 0
    ? []
    : [
        {
          id: 'overdue',
          title: common.overdue,
          tasks,
          action: { label: taskListTexts.toToday, run: onMove },
        },
      ];
