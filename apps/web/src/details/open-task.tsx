import { lazy, Suspense, useEffect } from 'react';
import { type App, useApp, useReplica } from '../data/app.ts';
import { findDrafts } from './task/stored-drafts.ts';
import { useOpenTask } from './use-open-task.ts';

const TaskFrame = lazy(async () => ({ default: (await import('./task/task-frame.tsx')).TaskFrame }));

async function recover(app: App): Promise<void> {
  const { recoverDrafts } = await import('./task/recover-drafts.ts');
  recoverDrafts(app);
}

/** Shows the open task beside any screen. */
export function OpenTask() {
  const app = useApp();
  const isComplete = useReplica(({ status }) => status.isComplete);
  const { id, close } = useOpenTask();
  useEffect(() => {
    if (findDrafts(app.replica.userId).length > 0) void recover(app);
  }, [app, isComplete]);
  if (id === null) return null;
  return (
    <Suspense>
      <TaskFrame id={id} onClose={close} />
    </Suspense>
  );
}
