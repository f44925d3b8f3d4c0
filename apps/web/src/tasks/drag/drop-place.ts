import { findMain, type Item, type Section } from '../items.ts';

/** A row on the screen. */
export interface RowBox {
  index: number;
  /** Top and bottom from the top of the list. */
  top: number;
  bottom: number;
}

interface DropRequest {
  items: readonly Item[];
  /** Rows on the screen, from first to last. */
  boxes: readonly RowBox[];
  /** Pointer, from the top of the list. */
  y: number;
  ids: readonly string[];
  /** True if the list has a manual order. */
  isOrdered: boolean;
}

/** A place for dragged tasks. */
export type Drop =
  | { kind: 'place'; top: number; before: string | null; after: string | null }
  | { kind: 'section'; section: Section };

/** Finds the place between two rows, or the section, below the pointer. */
export function findDrop({ items, boxes, y, ids, isOrdered }: DropRequest): Drop | undefined {
  const box = boxes.find(({ bottom }) => y < bottom) ?? boxes.at(-1);
  if (!box) return undefined;
  const { section, task } = items[box.index]!;
  if (section.onDrop) return { kind: 'section', section };
  if (!isOrdered || section.isFold || task === undefined) return undefined;
  const isBelow = y > (box.top + box.bottom) / 2;
  const moved = new Set(ids);
  const order = findMain(items);
  const at = order.findIndex(({ key }) => key === task.id) + Number(isBelow);
  const before = order.slice(0, at).findLast(({ key }) => !moved.has(key))?.key ?? null;
  const after = order.slice(at).find(({ key }) => !moved.has(key))?.key ?? null;
  return { kind: 'place', top: isBelow ? box.bottom : box.top, before, after };
}
