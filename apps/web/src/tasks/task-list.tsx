import type { Task } from '@holdfast/client';
import { useCallback } from 'react';
import { useApp } from '../data/app.ts';
import { useOpenTask } from '../details/use-open-task.ts';
import { TaskRow } from './task-row.tsx';

export interface Section {
  id: string;
  /** Heading of the section. None for a list with one section. */
  title?: string | undefined;
  tasks: readonly Task[];
  /** What a task gets that is dropped here, such as a date. */
  onDrop?: (ids: readonly string[]) => void;
}

export interface TaskListProps {
  /** Name of the list for screen readers. */
  label: string;
  sections: readonly Section[];
  /** The list whose manual order this is, null for the inbox. Undefined if the order is another one. */
  ordered?: string | null | undefined;
  /** Shows the name of each task's list. */
  hasLists?: boolean;
}

/** Tasks in sections. */
export function TaskList({ label, sections, hasLists = false }: TaskListProps) {
  const { actions } = useApp();
  const { open } = useOpenTask();
  const onToggle = useCallback(({ id, completed }: Task) => actions.setCompleted([id], !completed), [actions]);
  const onOpen = useCallback(({ id }: Task) => open(id), [open]);
  return (
    <div className="task-list" role="group" aria-label={label}>
      {sections.map(({ id, title, tasks }) => (
        <section key={id}>
          {title && <h2 className="task-heading">{title}</h2>}
          <ul>
            {tasks.map((task) => (
              <li key={task.id}>
                <TaskRow task={task} hasList={hasLists} onToggle={onToggle} onOpen={onOpen} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
