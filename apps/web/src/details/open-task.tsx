import { lazy, Suspense, useEffect } from 'react';
import { useApp, useReplica } from '../data/app.ts';
import { recoverDrafts } from './task/recover-drafts.ts';
import { useOpenTask } from './use-open-task.ts';

const TaskFrame = lazy(async () => ({ default: (await import('./task/task-frame.tsx')).TaskFrame }));

/** Shows the open task beside any screen. */
export function OpenTask() {
  const app = useApp();
  const isComplete = useReplica(({ status }) => status.isComplete);
  const { id, close } = useOpenTask();
  useEffect(() => recoverDrafts(app), [app, isComplete]);
  if (id === null) return null;
  return (
    <Suspense>
      <TaskFrame id={id} onClose={close} />
    </Suspense>
  );
}
