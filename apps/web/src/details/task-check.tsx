import type { Task } from '@holdfast/client';
import { taskTexts } from '../texts/tasks.ts';
import { Icon } from '../ui/icon.tsx';

interface TaskCheckProps {
  task: Task;
  tabIndex?: number;
  onToggle(): void;
}

/** The check mark of a task, in the color of its priority. */
export function TaskCheck({ task: { title, completed, priority }, tabIndex, onToggle }: TaskCheckProps) {
  return (
    <button
      type="button"
      role="checkbox"
      aria-checked={completed}
      aria-label={completed ? taskTexts.reopen(title) : taskTexts.complete(title)}
      className={`task-check priority-${priority}`}
      tabIndex={tabIndex}
      onClick={onToggle}
    >
      <Icon name="check" />
    </button>
  );
}
