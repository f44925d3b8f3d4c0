import { type RefObject, useEffect, useState } from 'react';
import type { Commands } from '../commands.ts';
import { useDragModule } from './drag-module.ts';
import { type Drop, findDrop, type RowBox } from './drop-place.ts';

/** The sign at the place for dragged tasks. */
export interface DropSign {
  /** The section that would take them. */
  sectionId?: string;
  /** The line between two rows, from the top of the list. */
  top?: number;
}

function readBoxes(grid: HTMLElement, top: number): RowBox[] {
  return Array.from(grid.querySelectorAll<HTMLElement>('[data-index]'), (row) => {
    const box = row.getBoundingClientRect();
    return { index: Number(row.dataset.index), top: box.top - top, bottom: box.bottom - top };
  });
}

const toSign = (drop: Drop | undefined): DropSign | null =>
  !drop ? null : drop.kind === 'place' ? { top: drop.top } : { sectionId: drop.section.id };

/** Accepts tasks that are dropped in a list: between two rows of a manual order, or on a section that takes them. */
export function useListDrop(grid: RefObject<HTMLElement | null>, commands: Commands): DropSign | null {
  const drag = useDragModule();
  const [sign, setSign] = useState<DropSign | null>(null);

  useEffect(() => {
    const element = grid.current;
    if (!drag || !element) return undefined;
    function find(ids: readonly string[], clientY: number): Drop | undefined {
      const { items, ordered } = commands.view();
      const { top } = element!.getBoundingClientRect();
      return findDrop({
        items,
        ids,
        boxes: readBoxes(element!, top),
        y: clientY - top,
        isOrdered: ordered !== undefined,
      });
    }
    return drag.combine(
      drag.scrollDuringDrags(),
      drag.makeDropTarget(element, {
        kind: 'tasks',
        onOver(ids, clientY) {
          const next = toSign(find(ids, clientY));
          setSign((now) => (now?.top === next?.top && now?.sectionId === next?.sectionId ? now : next));
        },
        onOut: () => setSign(null),
        onDrop(ids, clientY) {
          const drop = find(ids, clientY);
          if (drop?.kind === 'place') commands.place(ids, drop);
          else if (drop) commands.drop(ids, drop.section);
          commands.clear();
        },
      }),
    );
  }, [drag, grid, commands]);

  return sign;
}
