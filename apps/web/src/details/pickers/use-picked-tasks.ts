import type { Task } from '@holdfast/client';
import { useApp, useTasks } from '../../data/app.ts';

/** The current tasks of a dialog, without those that another device deleted. */
export function usePickedTasks(ids: readonly string[]): Task[] {
  const { replica } = useApp();
  useTasks();
  return ids.flatMap((id) => {
    const task = replica.task.get(id);
    return task?.deletedAt === null ? [task] : [];
  });
}
