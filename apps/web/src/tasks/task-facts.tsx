import type { Task } from '@holdfast/client';
import { ListDot } from '../lists/list-dot.tsx';
import { common } from '../texts/common.ts';
import { formatDue, formatTime } from '../texts/formats.ts';
import { taskTexts } from '../texts/tasks.ts';
import { Icon } from '../ui/icon.tsx';

export interface FactsProps {
  task: Task;
  today: string;
  timeZone: string;
  /** Name and color of the list, if the screen shows it. */
  listName: string | undefined;
  listColor: string | null;
  /** The day of the section, if it is the due date. The row then shows only the time. */
  day: string | undefined;
  /** True if a change of the task needs a decision. */
  isRefused: boolean;
}

/** Most labels in a row. The open task shows all. */
const labelsMax = 6;

/** The values of a task below its title. */
export function TaskFacts({ task, today, timeZone, listName, listColor, day, isRefused }: FactsProps) {
  const { due, labels, description, priority, completed } = task;
  const dueText =
    due && (due.date !== day ? formatDue(due, { now: new Date(), timeZone }) : due.time && formatTime(due.time));
  const hasFacts = dueText || labels.length > 0 || description || listName !== undefined || priority > 0 || isRefused;
  if (!hasFacts) return null;
  return (
    <span className="task-facts" id={`facts-${task.id}`}>
      {isRefused && (
        <span className="task-fact task-refused">
          <Icon name="warning" />
          {taskTexts.refused}
        </span>
      )}
      {due && dueText && (
        <span className={!completed && due.date < today ? 'task-fact task-overdue' : 'task-fact'}>
          <Icon name="calendar" />
          {dueText}
        </span>
      )}
      {priority > 0 && (
        <span className="task-fact">
          <span className={`task-fact-icon priority-text-${priority}`}>
            <Icon name="flag" />
          </span>
          {common.priorities[priority]}
        </span>
      )}
      {listName !== undefined && (
        <span className="task-fact">
          <ListDot color={listColor} />
          <span className="task-fact-text" dir="auto">
            {listName}
          </span>
        </span>
      )}
      {labels.slice(0, labels.length > labelsMax + 1 ? labelsMax : undefined).map((label) => (
        <span key={label} className="task-fact">
          <span className="task-fact-text" dir="auto">
            #{label}
          </span>
        </span>
      ))}
      {labels.length > labelsMax + 1 && (
        <span className="task-fact">{taskTexts.moreLabels(labels.length - labelsMax)}</span>
      )}
      {description && (
        <span className="task-fact">
          <Icon name="text" />
          <span className="visually-hidden">{taskTexts.description}</span>
        </span>
      )}
    </span>
  );
}
