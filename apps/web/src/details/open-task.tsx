import { lazy, Suspense } from 'react';
import { useOpenTask } from './use-open-task.ts';

const TaskFrame = lazy(async () => ({ default: (await import('./task/task-frame.tsx')).TaskFrame }));

/** Shows the open task beside any screen. */
export function OpenTask() {
  const { id, close } = useOpenTask();
  if (id === null) return null;
  return (
    <Suspense>
      <TaskFrame id={id} onClose={close} />
    </Suspense>
  );
}
