import { type KeyboardEvent, type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react';
import { common } from '../../texts/common.ts';
import { detailTexts } from '../../texts/details.ts';
import { IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TaskDetails } from './task-details.tsx';

interface TaskFrameProps {
  id: string;
  onClose(): void;
}

/** From this width on, the task is beside the list, and both can be used. */
const wide = matchMedia('(width >= 75rem)');

function subscribe(listener: () => void): () => void {
  wide.addEventListener('change', listener);
  return () => wide.removeEventListener('change', listener);
}

export function TaskFrame({ id, onClose }: TaskFrameProps) {
  const isWide = useSyncExternalStore(subscribe, () => wide.matches);
  const details = <TaskDetails key={id} id={id} onClose={onClose} />;
  if (isWide) {
    return (
      <Panel id={id} onClose={onClose}>
        {details}
      </Panel>
    );
  }
  return (
    <Dialog kind="sheet" title={detailTexts.task} onClose={onClose}>
      {details}
    </Dialog>
  );
}

/** A part of the page beside the list. It gets the focus with each task that the user opens, and gives it back at the end. */
function Panel({ id, onClose, children }: TaskFrameProps & { children: ReactNode }) {
  const panel = useRef<HTMLElement>(null);
  const opener = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const active = document.activeElement as HTMLElement | null;
    if (active && !panel.current!.contains(active)) opener.current = active;
    panel.current!.focus({ preventScroll: true });
  }, [id]);
  useEffect(
    () => () => {
      const isFocusFree = document.activeElement === document.body || document.activeElement === null;
      if (isFocusFree && opener.current?.isConnected) opener.current.focus();
    },
    [],
  );

  function onKeyDown(event: KeyboardEvent): void {
    const isInPopover = (event.target as HTMLElement).closest('[popover], dialog') !== null;
    if (event.key !== 'Escape' || event.defaultPrevented || isInPopover) return;
    event.preventDefault();
    onClose();
  }
  return (
    <section ref={panel} className="task-panel" aria-label={detailTexts.task} tabIndex={-1} onKeyDown={onKeyDown}>
      <header className="dialog-header">
        <h2>{detailTexts.task}</h2>
        <IconButton icon="close" label={common.close} onClick={onClose} />
      </header>
      {children}
    </section>
  );
}
