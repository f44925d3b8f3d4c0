import { defaultRangeExtractor, type Range, useWindowVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useMemo, useState } from 'react';
import type { Item } from './items.ts';

const [rowHeight, factsHeight, headingHeight] = [45, 22, 52];

function estimate({ task, section }: Item): number {
  if (task === undefined) return headingHeight;
  const hasFacts = task.due !== null || task.priority > 0 || task.labels.length > 0 || task.description;
  return rowHeight + (hasFacts || section.onDrop ? factsHeight : 0);
}

/** The rows near the screen, and the active one, so that it keeps the focus. */
export function useRows(grid: RefObject<HTMLElement | null>, items: readonly Item[], active: string | null) {
  const [scrollMargin, setScrollMargin] = useState(0);
  const always = useMemo(
    () => [...items.keys()].filter((at) => items[at]!.key === active || isFoldHeading(items[at]!)),
    [items, active],
  );

  useLayoutEffect(() => {
    const measure = () => {
      if (grid.current) setScrollMargin(Math.round(grid.current.getBoundingClientRect().top + window.scrollY));
    };
    measure();
    // Other parts of the screen can grow.
    const observer = new ResizeObserver(measure);
    if (grid.current?.parentElement?.parentElement) observer.observe(grid.current.parentElement.parentElement);
    return () => observer.disconnect();
  }, [grid, items.length === 0]);

  return useWindowVirtualizer({
    count: items.length,
    estimateSize: (index) => estimate(items[index]!),
    getItemKey: useCallback((index: number) => items[index]!.key, [items]),
    overscan: 8,
    scrollMargin,
    scrollPaddingStart: 64,
    scrollPaddingEnd: 96,
    directDomUpdates: true,
    directDomUpdatesMode: 'position',
    rangeExtractor: (range: Range) =>
      [...new Set([...defaultRangeExtractor(range), ...always])].toSorted((one, other) => one - other),
  });
}

const isFoldHeading = ({ task, section }: Item) => task === undefined && section.isFold === true;
