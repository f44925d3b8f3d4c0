import { lazy, Suspense } from 'react';
import { useOpenTask } from './use-open-task.ts';

const TaskDetails = lazy(async () => ({ default: (await import('./task-details.tsx')).TaskDetails }));

/** Shows the open task beside any screen. */
export function OpenTask() {
  const { id, close } = useOpenTask();
  if (id === null) return null;
  return (
    <Suspense>
      <TaskDetails key={id} id={id} onClose={close} />
    </Suspense>
  );
}
