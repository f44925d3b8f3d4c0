import type { Task } from '@holdfast/client';
import { memo } from 'react';
import { useLists, useTimeZone, useToday } from '../data/app.ts';
import { common } from '../texts/common.ts';
import { formatDue } from '../texts/formats.ts';
import { taskTexts } from '../texts/tasks.ts';
import { Icon } from '../ui/icon.tsx';

export interface TaskRowProps {
  task: Task;
  /** Shows the name of the list. */
  hasList: boolean;
  onToggle(task: Task): void;
  onOpen(task: Task): void;
}

/** One task of a list. */
export const TaskRow = memo(function TaskRow({ task, hasList, onToggle, onOpen }: TaskRowProps) {
  const { title, completed, priority } = task;
  return (
    <div className={completed ? 'task task-completed' : 'task'}>
      <button
        type="button"
        role="checkbox"
        aria-checked={completed}
        aria-label={completed ? taskTexts.reopen(title) : taskTexts.complete(title)}
        className={`task-check priority-${priority}`}
        onClick={() => onToggle(task)}
      >
        <Icon name="check" />
      </button>
      <button type="button" className="task-open" onClick={() => onOpen(task)}>
        <span className="task-title">{title}</span>
        <TaskFacts task={task} hasList={hasList} />
      </button>
    </div>
  );
});

function TaskFacts({ task, hasList }: Pick<TaskRowProps, 'task' | 'hasList'>) {
  const { due, labels, description, listId, priority, completed } = task;
  const list = useLists().find(({ id }) => id === listId);
  const today = useToday();
  const timeZone = useTimeZone();
  if (!due && labels.length === 0 && !description && !(hasList && list) && priority === 0) return null;
  return (
    <span className="task-facts">
      {due && (
        <span className={!completed && due.date < today ? 'task-fact task-overdue' : 'task-fact'}>
          <Icon name="calendar" />
          {formatDue(due, { now: new Date(), timeZone })}
        </span>
      )}
      {priority > 0 && (
        <span className={`task-fact priority-text-${priority}`}>
          <Icon name="flag" />
          {common.priorities[priority]}
        </span>
      )}
      {hasList && list && (
        <span className="task-fact">
          <Icon name="list" />
          {list.name}
        </span>
      )}
      {labels.map((label) => (
        <span key={label} className="task-fact">
          #{label}
        </span>
      ))}
      {description && (
        <span className="task-fact">
          <Icon name="text" />
          <span className="visually-hidden">{taskTexts.description}</span>
        </span>
      )}
    </span>
  );
}
