import type { Task } from '@holdfast/client';
import { useApp, useTasks } from '../../data/app.ts';

/** The tasks of a dialog as they are now. Tasks that another device deleted are left out. */
export function usePickedTasks(ids: readonly string[]): Task[] {
  const { replica } = useApp();
  useTasks();
  return ids.flatMap((id) => {
    const task = replica.task.get(id);
    return task?.deletedAt === null ? [task] : [];
  });
}
