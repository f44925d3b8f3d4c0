import { useEffect, useRef } from 'react';
import { AddTask } from '../tasks/add-task.tsx';
import { layoutTexts } from '../texts/layout.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useAddTarget } from './add-target.ts';

/** Adds tasks on pages without a field for it. It is at the top, because the keyboard of a phone covers the bottom. */
export function QuickAddDialog({ onClose }: { onClose(): void }) {
  const content = useRef<HTMLDivElement>(null);
  const target = useAddTarget();
  useEffect(() => content.current!.querySelector<HTMLElement>('[data-quick-add]')?.focus(), []);
  return (
    <Dialog title={layoutTexts.addTask} onClose={onClose} kind="top">
      <div ref={content}>
        <AddTask {...target} />
      </div>
    </Dialog>
  );
}
