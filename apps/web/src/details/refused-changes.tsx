import type { RefusedWrite } from '@holdfast/client/replica';
import { lazy, Suspense, useState } from 'react';
import { useReplica } from '../data/app.ts';
import { layoutTexts } from '../texts/layout.ts';
import { Icon } from '../ui/icon.tsx';

const RefusalsDialog = lazy(async () => ({ default: (await import('./refusals/refusals-dialog.tsx')).RefusalsDialog }));

const includesTask = ({ input }: RefusedWrite, id: string) => {
  const { id: one, ids = [one] } = input as { id?: string; ids?: (string | undefined)[] };
  return ids.includes(id);
};

/** A line that opens the changes which the server refused. It shows nothing if there are none. */
export function RefusedChanges({ taskId }: { taskId?: string }) {
  const refused = useReplica((replica) => replica.refused);
  const [isOpen, setOpen] = useState(false);
  const { length } = taskId === undefined ? refused : refused.filter((write) => includesTask(write, taskId));
  return (
    <>
      {length > 0 && (
        <button type="button" className="refused-line" onClick={() => setOpen(true)}>
          <Icon name="warning" />
          <span>{taskId === undefined ? layoutTexts.refused(length) : layoutTexts.taskRefused}</span>
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
