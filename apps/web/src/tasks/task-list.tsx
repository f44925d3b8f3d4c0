import { useEffect, useRef, useState } from 'react';
import { BulkBar } from '../later/later.tsx';
import type { Section } from './items.ts';
import { PlainRows } from './rows/plain-rows.tsx';
import type { VirtualRows } from './rows/virtual-rows.tsx';
import { useFocus } from './use-focus.ts';
import { useKeys } from './use-keys.ts';
import { useListModel } from './use-list-model.ts';
import { usePointer } from './use-pointer.ts';

export type { Section } from './items.ts';

let Loaded: typeof VirtualRows | undefined;

/** Loads the code with which long lists scroll. Until then, lists show their first rows. */
export async function loadRows(): Promise<void> {
  ({ VirtualRows: Loaded } = await import('./rows/virtual-rows.tsx'));
}

export interface TaskListProps {
  /** Name of the list for screen readers. */
  label: string;
  sections: readonly Section[];
  /** ID of the list in manual order, null for the inbox. Undefined if the screen sorts the tasks in another way. */
  ordered?: string | null | undefined;
  /** Shows the name of each task's list. */
  hasLists?: boolean;
}

/** Tasks in sections. */
export function TaskList({ label, sections, ordered, hasLists = false }: TaskListProps) {
  const model = useListModel(sections, ordered);
  const { items, selected, state, commands } = model;
  const grid = useRef<HTMLDivElement>(null);
  const scroll = useRef<(index: number) => void>(null);
  const [canScroll, setCanScroll] = useState(Loaded !== undefined);
  useFocus(grid, model, (index) => scroll.current?.(index));
  const handlers = { onKeyDown: useKeys(model), ...usePointer(commands) };
  useEffect(() => {
    // A title remains open while the user edits it.
    if (!canScroll && state.editing === null)
      void loadRows().then(
        () => setCanScroll(true),
        () => {},
      );
  }, [canScroll, state.editing]);
  const Rows = (canScroll && Loaded) || PlainRows;
  return (
    <div className="task-list">
      {items.length > 0 && <Rows {...{ label, model, handlers, hasLists, grid, scroll }} />}
      <div className="visually-hidden" role="status">
        {state.announcement}
      </div>
      {selected.length > 0 && <BulkBar selected={selected} commands={commands} />}
    </div>
  );
}
