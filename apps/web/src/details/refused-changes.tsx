import { lazy, Suspense, useState } from 'react';
import { useReplica } from '../data/app.ts';
import { findRefusedTasks } from '../data/refused.ts';
import { layoutTexts } from '../texts/layout.ts';
import { Icon } from '../ui/icon.tsx';

const RefusalsDialog = lazy(async () => ({ default: (await import('./refusals/refusals-dialog.tsx')).RefusalsDialog }));

/** A line that opens the changes which the server refused. Without such changes, it shows nothing. */
export function RefusedChanges({ taskId }: { taskId?: string }) {
  const refused = useReplica((replica) => replica.refused);
  const [isOpen, setOpen] = useState(false);
  const isShown = taskId === undefined ? refused.length > 0 : findRefusedTasks(refused).has(taskId);
  return (
    <>
      {isShown && (
        <button type="button" className="refused-line" onClick={() => setOpen(true)}>
          <Icon name="warning" />
          <span>{taskId === undefined ? layoutTexts.refused(refused.length) : layoutTexts.taskRefused}</span>
          <Icon name="chevron" />
        </button>
      )}
      {isOpen && (
        <Suspense>
          <RefusalsDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
