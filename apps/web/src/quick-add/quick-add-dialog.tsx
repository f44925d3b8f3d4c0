import { useEffect, useRef } from 'react';
import { AddTask } from '../tasks/add-task.tsx';
import { quickAddTexts } from '../texts/quick-add.ts';
import { Dialog } from '../ui/dialog.tsx';

/** The field that adds tasks, for screens without one. */
export function QuickAddDialog({ onClose }: { onClose(): void }) {
  const content = useRef<HTMLDivElement>(null);
  // The dialog focuses its first button when it opens.
  useEffect(() => content.current!.querySelector('input')!.focus(), []);
  return (
    <Dialog title={quickAddTexts.field} onClose={onClose}>
      <div ref={content}>
        <AddTask />
      </div>
    </Dialog>
  );
}
