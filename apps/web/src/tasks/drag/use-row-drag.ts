import { type RefObject, useEffect } from 'react';
import { formatNumber } from '../../texts/formats.ts';
import type { Commands } from '../commands.ts';
import { useDragModule } from './drag-module.ts';

/** Lets the user drag the row of a cell. With a row of the selection, the whole selection is dragged. */
export function useRowDrag(cell: RefObject<HTMLElement | null>, id: string, commands: Commands): void {
  const drag = useDragModule();
  useEffect(() => {
    const row = cell.current?.parentElement;
    if (!drag || !row) return undefined;
    return drag.makeDraggable(row, {
      kind: 'tasks',
      findIds: () => (commands.view().state.editing === id ? [] : commands.findTargets(id)),
      describe: (ids) => ({
        title: commands.view().replica.task.get(id)?.title ?? '',
        badge: ids.length > 1 ? formatNumber(ids.length) : '',
      }),
    });
  }, [drag, cell, id, commands]);
}
